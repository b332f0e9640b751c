/*
 * crash.h: what is told of a signal that ends programs: registers, stack, and what they lead to.
 */
#ifndef EX_CRASH_H
#define EX_CRASH_H

#include <signal.h>

/* from the signal's handler; disposition is EX_disposition_*: with DEFAULT the process is about to die */
void ex_crash_tell(int signo, const siginfo_t *info, void *context, int disposition);
/* a fault that a handler of the program's own has not come back from, when the process ends: once more with its map; with
 * registers and stack unless they were told as it came */
void ex_crash_tell_handled(int signo, const siginfo_t *info, void *context, int is_told);
/* in a fork child: who was dying in the parent is not in here */
void ex_crash_forget(void);

#endif
