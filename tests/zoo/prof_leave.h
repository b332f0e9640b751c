/*
 * prof_leave.h: ways out of a program, by name; returns what main has to return.
 */
#ifndef ZOO_PROF_LEAVE_H
#define ZOO_PROF_LEAVE_H

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	return strcmp(how, "return") != 0;
}

#endif
