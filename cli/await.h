/*
 * await.h: waiting for the command. All signals of ex_await_signals are blocked by the caller while it waits.
 */
#ifndef EX_AWAIT_H
#define EX_AWAIT_H

#include "launch.h"

#include <signal.h>

void ex_await_signals(sigset_t *set);
struct ex_tracer;
/* returns when ending->pid has ended; fills wait_status, timed_out, interrupted, seconds. tracer: it is traced by us; NULL */
void ex_await(const struct ex_launch *launch, struct ex_ending *ending, const sigset_t *signals,
	      struct ex_tracer *tracer);
int ex_await_reap(pid_t pid); /* its wait status */
/* takes what is still pending, before the signals are unblocked */
void ex_await_drain(struct ex_ending *ending, const sigset_t *signals);

#endif
