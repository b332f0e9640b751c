/* expect: exit 0 and "grown". A signal handler leaves a malloc that grows by siglongjmp, which libc survives as long as
 * there is one thread; afterwards threads grow. With delay=growth:USEC the signal surely comes in the midst of the growth. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define LARGE (1 << 20) /* a mapping of its own */

static sigjmp_buf before;
static void *volatile kept; /* or the compiler sees that nobody needs it */

static void on_alarm(int signo)
{
	(void)signo;
	siglongjmp(before, 1);
}

static void *grow(void *unused)
{
	char *volatile block = malloc(LARGE);
	memset(block, 1, LARGE);
	free(block);
	return unused;
}

int main(void)
{
	const struct itimerval once = {{0, 0}, {0, 50000}};
	pthread_t threads[2];
	kept = malloc(1); /* the first one takes the arena's lock even with one thread */
	signal(SIGALRM, on_alarm);
	if (!sigsetjmp(before, 1)) {
		setitimer(ITIMER_REAL, &once, NULL);
		for (int i = 0; i < 100000; i++)
			kept = malloc(LARGE);
	}
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, grow, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	puts("grown");
	return 0;
}
