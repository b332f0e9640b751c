/*
 * expect: exact counts though signals arrive in the middle of calls. free(NULL) and malloc_usable_size(NULL), which a
 * handler may call; says how often each was called, when given an argument.
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

static volatile unsigned long freed, asked, signals;
static volatile size_t sink;
static void *volatile none; /* NULL, which the compiler must not know */

static void handler(int signo)
{
	(void)signo;
	signals++;
	for (int i = 0; i < 10; i++) {
		free(none);
		freed++;
		sink += malloc_usable_size(none);
		asked++;
	}
}

int main(int argc, char **argv)
{
	struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
	unsigned long own_freed = 0, own_asked = 0;
	char line[128];
	signal(SIGALRM, handler);
	setitimer(ITIMER_REAL, &often, NULL);
	while (signals < 150)
		for (int i = 0; i < 100; i++) {
			free(none);
			own_freed++;
			sink += malloc_usable_size(none);
			own_asked++;
		}
	setitimer(ITIMER_REAL, &never, NULL);
	signal(SIGALRM, SIG_IGN);
	(void)argv;
	if (argc < 2)
		return 0;
	fwrite(line, 1,
	       (size_t)snprintf(line, sizeof(line), "free %lu malloc_usable_size %lu\n", own_freed + freed,
				own_asked + asked),
	       stdout);
	return 0;
}
