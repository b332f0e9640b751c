/*
 * deadly.h: signals that end the process, under treatment salvage: the profile is written first, and then the process ends
 * as it would have, by the same signal with the same siginfo.
 */
#ifndef EX_DEADLY_H
#define EX_DEADLY_H

#include <signal.h>

#define EX_SIGNAL_BIT(signo) (1ull << ((signo)-1))
/* by which a thread learns what it has done itself: blocked, they end the process by their own number */
#define EX_FAULT_SIGNALS                                                                                               \
	(EX_SIGNAL_BIT(SIGSEGV) | EX_SIGNAL_BIT(SIGBUS) | EX_SIGNAL_BIT(SIGILL) | EX_SIGNAL_BIT(SIGFPE) |              \
	 EX_SIGNAL_BIT(SIGTRAP) | EX_SIGNAL_BIT(SIGABRT) | EX_SIGNAL_BIT(SIGSYS))
/* those of them that a page may raise which the kernel cannot back */
#define EX_MEMORY_SIGNALS (EX_SIGNAL_BIT(SIGSEGV) | EX_SIGNAL_BIT(SIGBUS))

/* from now on, all whose default action ends the process and that the program leaves to it; besides those of signals.c */
void ex_deadly_start(void);
/* one of these; 0 for those of signals.c too */
int ex_deadly_is(int signo);
/* what the program must see where the kernel has our entry */
void ex_deadly_show(int signo, struct sigaction *action);
/* the program has changed the signal's action, in the kernel. 0: signals.c must stand in front of this one, since the
 * kernel will put the default action in its place without our seeing it */
int ex_deadly_settle(int signo);
/* the kernel's default action in place of ours; 0: ours again */
void ex_deadly_withdraw(int is_withdrawn);

/* From a handler: a profile is being written on this thread, and this signal was sent by somebody, so it can wait. 1: it
 * comes again when the writing is over, and the handler has to return */
int ex_death_put_off(int signo, const siginfo_t *info, void *context);
/* a signal has ended this process already: this thread is writing the profile, or another is and no handler would run */
int ex_death_is_coming(int is_default);
/* From a handler: nobody handles this signal. Returns to let it end the process. is_written: the profile is there already */
void ex_death(int signo, siginfo_t *info, void *context, int is_written);
/* ex_salvage(point) from a handler, on a stack that is large enough; nothing in a child that is not this image */
void ex_death_salvage(int point);

#endif
