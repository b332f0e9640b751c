/*
 * signals.h: signals that end programs are recorded before they do. The program's own handlers are kept, called, and
 * shown to it as if we were not there.
 */
#ifndef EX_SIGNALS_H
#define EX_SIGNALS_H

#include <stdint.h>

/* large: handlers that ask for a signal stack and set up none run on this one, and would have had the whole of the ordinary
 * stack. Untouched pages cost nothing. */
#define EX_SIGNAL_STACK_BYTES (256u << 10)

void ex_signals_start(void);
/* the kernel's default action in our place where the program has none of its own; 0: ours again */
void ex_signals_withdraw(int is_withdrawn);
/* gives the calling thread a signal stack unless it has one; is_main: a static one */
void ex_signals_stack_begin(int is_main);
/* takes it back; the thread is about to end */
void ex_signals_stack_end(void);

#endif
