/* expect: signal 11. Threads that sleep, run, wait in malloc's lock, and do either with all signals blocked; each is called what it
 * does. Argument: how many that sleep (1). Then the main thread writes to nowhere */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static int ready;
static volatile int zero;

static void begin(const char *name, int is_blocked)
{
	sigset_t all;
	sigfillset(&all);
	if (is_blocked)
		pthread_sigmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_NAME, name);
	__atomic_fetch_add(&ready, 1, __ATOMIC_RELEASE);
}

static void *sleeps(void *unused)
{
	begin("sleeps", 0);
	for (;;)
		pause();
	return unused;
}

static void *runs(void *unused)
{
	begin("runs", 0);
	while (!zero)
		;
	return unused;
}

static void *allocates(void *unused)
{
	begin("allocates", 0);
	while (!zero)
		free(malloc(100000));
	return unused;
}

static void *sleeps_blocked(void *unused)
{
	begin("sleeps-blocked", 1);
	for (;;)
		pause();
	return unused;
}

static void *runs_blocked(void *unused)
{
	begin("runs-blocked", 1);
	while (!zero)
		;
	return unused;
}

int main(int argc, char **argv)
{
	void *(*const bodies[])(void *) = {runs, allocates, sleeps_blocked, runs_blocked};
	int sleeping = argc > 1 ? atoi(argv[1]) : 1, count = 0;
	pthread_t thread;
	for (; count < sleeping + 4; count++)
		if (pthread_create(&thread, NULL, count < 4 ? bodies[count] : sleeps, NULL))
			_exit(99);
	while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) < count)
		usleep(1000);
	usleep(100000); /* and asleep */
	*(volatile int *)(zero + 16L) = 1;
	return 0;
}
