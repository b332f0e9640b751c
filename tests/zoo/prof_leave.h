/*
 * prof_leave.h: ways out of a program, by name; returns what main has to return.
 */
#ifndef ZOO_PROF_LEAVE_H
#define ZOO_PROF_LEAVE_H

#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *prof_outlive(void *unused)
{
	usleep(20000);
	return unused;
}

static int prof_leave(const char *how)
{
	if (!strcmp(how, "exit"))
		exit(0);
	if (!strcmp(how, "_exit"))
		_exit(5);
	if (!strcmp(how, "_Exit"))
		_Exit(5);
	if (!strcmp(how, "quick_exit"))
		quick_exit(6);
	if (!strcmp(how, "abort"))
		abort();
	if (!strcmp(how, "term"))
		kill(getpid(), SIGTERM);
	if (!strcmp(how, "kill"))
		kill(getpid(), SIGKILL);
	if (!strcmp(how, "err"))
		errx(7, "left by err()");
	if (!strcmp(how, "last-thread")) { /* and not as main's: the process ends when the other thread does */
		pthread_t thread;
		if (pthread_create(&thread, NULL, prof_outlive, NULL) || pthread_detach(thread))
			abort();
		pthread_exit(NULL);
	}
	return strcmp(how, "return") != 0;
}

#endif
