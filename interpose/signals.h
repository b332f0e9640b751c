/*
 * signals.h: signals that end programs are recorded before they do. The program's own handlers are kept, called, and
 * shown to it as if we were not there.
 */
#ifndef EX_SIGNALS_H
#define EX_SIGNALS_H

#include <signal.h>
#include <stdint.h>

/* large: handlers that ask for a signal stack and set up none run on this one, and would have had the whole of the ordinary
 * stack. Untouched pages cost nothing. */
#define EX_SIGNAL_STACK_BYTES (256u << 10)
#define EX_SIGNAL_STACK_TOUCHED_BYTES (64u << 10) /* of it under gVisor: what our own handler needs, and more */

void ex_signals_start(void);
/* a profile writer has registered, and treatments say that its profile is to be salvaged: whatever ends the process does it
 * first, and so does flush=signal. Once; processes without a writer keep the signals that they have */
void ex_signals_guard(void);
/* the kernel's default action in our place where the program has none of its own; 0: ours again */
void ex_signals_withdraw(int is_withdrawn);

/* a signal that says that something is broken */
int ex_signals_is_crash(int signo);
/* our entry is the kernel's from now on */
void ex_signals_watch(int signo);
int ex_signals_is_watched(int signo);
/* the program's action of a watched signal; -1 as sigaction */
int ex_signals_set(int signo, const struct sigaction *wanted);
/* the same, of what the kernel has meanwhile */
void ex_signals_settle(int signo);
/* what the program must see where the kernel has our entry */
void ex_signals_show(int signo, struct sigaction *action);

/* gives the calling thread a signal stack unless it has one; is_main: a static one */
void ex_signals_stack_begin(int is_main);
/* takes it back; the thread is about to end */
void ex_signals_stack_end(void);

#endif
