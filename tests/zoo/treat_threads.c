/* expect: exit 0: a handler says whether the thread behind it goes on: "busy" or "quiet". "sleeps": it waits in the
 * kernel between its steps; "deaf": it has all signals blocked; "last": the program uses the last real-time signal */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "mark.h"

#define MS 1000000
static atomic_long steps;
static int sleeps, is_deaf;

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * MS}, NULL);
}

static void *step(void *arg)
{
	sigset_t all;
	sigfillset(&all);
	if (is_deaf)
		pthread_sigmask(SIG_BLOCK, &all, NULL);
	for (;;) {
		atomic_fetch_add(&steps, 1);
		if (sleeps)
			pause_ms(1);
	}
	return arg;
}

static void look(void)
{
	long before = atomic_load(&steps);
	for (int i = 0; i < 300 && atomic_load(&steps) == before; i++)
		pause_ms(1);
	if (atomic_load(&steps) == before)
		MARK("quiet");
	else
		MARK("busy");
}

static void used(int signo)
{
	(void)signo;
	MARK("used");
}

int main(int argc, char **argv)
{
	pthread_t thread;
	sleeps = argc > 1 && !strcmp(argv[1], "sleeps");
	is_deaf = argc > 1 && !strcmp(argv[1], "deaf");
	if (argc > 1 && !strcmp(argv[1], "last"))
		signal(SIGRTMAX, used);
	atexit(look);
	if (pthread_create(&thread, NULL, step, NULL))
		return 1;
	while (atomic_load(&steps) < 3)
		pause_ms(1);
	return 0;
}
