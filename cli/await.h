/*
 * await.h: waiting for the command. All signals of ex_await_signals are blocked by the caller while it waits.
 */
#ifndef EX_AWAIT_H
#define EX_AWAIT_H

#include "launch.h"

#include <signal.h>

void ex_await_signals(sigset_t *set);
/* returns when ending->pid has ended and can be reaped; fills timed_out, interrupted, seconds */
void ex_await(const struct ex_launch *launch, struct ex_ending *ending, const sigset_t *signals);
int ex_await_reap(pid_t pid); /* its wait status */
/* takes what is still pending, before the signals are unblocked */
void ex_await_drain(struct ex_ending *ending, const sigset_t *signals);

#endif
