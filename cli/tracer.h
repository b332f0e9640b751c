/*
 * tracer.h: a command that is traced for settings watch: all its threads and, unless follow=no, all processes that it starts.
 * Its behaviour is its own: signals, stops, output and status are as without. One at a time.
 */
#ifndef EX_TRACER_H
#define EX_TRACER_H

#include "tracedir.h"

struct ex_tracer;

/* from settings: 0, or the exit status after a message; *tracer is NULL where nothing is to be watched */
int ex_tracer_make(struct ex_tracer **tracer, const char *settings);
/* the child, before it becomes the command: 0, or the exit status after a message */
int ex_tracer_attach(struct ex_tracer *tracer, pid_t pid);
/* the command has begun, in that trace */
void ex_tracer_begin(struct ex_tracer *tracer, const struct ex_tracedir *dir);
/* takes what has happened until now; whether the command has ended, and then its wait status */
int ex_tracer_poll(struct ex_tracer *tracer, int *wait_status);
/* lets go of what is still alive, and writes the rest of the trace. 0, or the exit status after a message where the command
 * could not be watched to its end */
int ex_tracer_end(struct ex_tracer *tracer);

/* which way works here, by trying: EX_watch_by_BREAKPOINT, EX_watch_by_STEPS, -1: none, and *why */
int ex_tracer_try(const char **why);

#endif
