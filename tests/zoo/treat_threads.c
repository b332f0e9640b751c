/* expect: exit 0: a handler says whether the thread behind it goes on: "busy" or "quiet". "sleeps": it waits in the
 * kernel between its steps; "deaf": it has all signals blocked; "last": the program uses the last real-time signal;
 * "allocates": it is in malloc most of the time; "joined": and a handler waits for its end */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "mark.h"

#define MS 1000000
static atomic_long steps;
static int sleeps, is_deaf, allocates, is_joined;
static atomic_int is_asked_to_end;
static pthread_t thread;

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
	while (!atomic_load(&is_asked_to_end)) {
		if (allocates) {
			void *volatile block = malloc(64);
			free(block);
		}
		atomic_fetch_add(&steps, 1);
		if (sleeps)
			pause_ms(1);
	}
	return arg;
}

/* the step that it is in may yet end */
static void look(void)
{
	long before = atomic_load(&steps);
	for (int i = 0; i < 300 && atomic_load(&steps) <= before + 1; i++)
		pause_ms(1);
	if (atomic_load(&steps) <= before + 1)
		MARK("quiet");
	else
		MARK("busy");
}

static void end_thread(void)
{
	atomic_store(&is_asked_to_end, 1);
	pthread_join(thread, NULL);
	MARK("joined");
}

static void used(int signo)
{
	(void)signo;
	MARK("used");
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	sleeps = !strcmp(how, "sleeps");
	is_deaf = !strcmp(how, "deaf");
	is_joined = !strcmp(how, "joined");
	allocates = is_joined || !strcmp(how, "allocates");
	if (!strcmp(how, "last"))
		signal(SIGRTMAX, used);
	atexit(is_joined ? end_thread : look);
	if (pthread_create(&thread, NULL, step, NULL))
		return 1;
	while (atomic_load(&steps) < 3)
		pause_ms(1);
	return 0;
}
