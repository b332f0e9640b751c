/*
 * clone_every.h: treatment clone-at=every: copies of the process at intervals. The companion (companion.h) keeps the time and
 * asks, by a real-time signal that the program has left alone, a thread that runs: so no system call is interrupted.
 */
#ifndef EX_CLONE_EVERY_H
#define EX_CLONE_EVERY_H

#include <signal.h>
#include <stdint.h>

/* main is about to begin */
void ex_clone_every_start(void);
/* the companion's: asks a thread of that process; 0: none runs just now */
int ex_clone_tick(uint32_t owner);
/* the program sets that signal's action: ours is gone, and no more is asked */
void ex_clone_every_yield(int signo);
/* what the program is shown as a signal's action, where it is ours: the default */
void ex_clone_every_show(int signo, struct sigaction *action);

#endif
