/*
 * parts.h: what the exit programs share. The head of each program is its timeline, line by line as the test prints it:
 *   row: KIND FUNCTION [in thread] [did not return]     the program's own rows, in order; each function makes one mark
 *   thread: FUNCTION                                    a thread that was alive when exit began
 *   ends: KIND STATUS|SIGNAL                            the end of one process image
 *   verdict: NAME                                       of diagnose; without the line: healthy
 * A second process follows behind the first, its marks begin with "child: ".
 */
#ifndef ZOO_EXIT_PARTS_H
#define ZOO_EXIT_PARTS_H

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "../mark.h"

#define PART __attribute__((noinline)) void
#define DESTRUCTOR __attribute__((noinline, destructor)) void
#define CHILD_MARK(name) SAY("child: " name "\n")
/* what has no row, and shall be seen in the output */
#define NOTE(text) SAY("note: " text "\n")
#define SAY(text)                                                                                                      \
	do {                                                                                                           \
		if (write(1, text, sizeof(text) - 1) < 0)                                                              \
			_exit(99);                                                                                     \
	} while (0)

/* a thread that is to be alive at exit has begun */
static volatile int threads_up __attribute__((unused));
#define UP() __atomic_add_fetch(&threads_up, 1, __ATOMIC_SEQ_CST)
#define WAIT_UP(count)                                                                                                 \
	do {                                                                                                           \
		while (threads_up < (count))                                                                           \
			sched_yield();                                                                                 \
	} while (0)

/* calls that cannot fail here, and must not fail unseen */
#define MUST(call)                                                                                                     \
	do {                                                                                                           \
		if (!(call))                                                                                           \
			_exit(98);                                                                                     \
	} while (0)

#endif
