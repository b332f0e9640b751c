/*
 * treat_order.h: treatments defer and first: another order of exit handlers.
 */
#ifndef EX_TREAT_ORDER_H
#define EX_TREAT_ORDER_H

#include <stdint.h>

struct ex_handler;

/* whether this turn is put off; arg and status are kept for it. Only once exit has begun: what a dlclose runs would
 * be gone later. */
int ex_order_defers(struct ex_handler *handler, uint32_t row, void *arg, int status);
/* the dynamic linker's finalizer has returned: those that were put off run, in that order */
void ex_order_run_deferred(void);
/* exit has begun: those that option first names run, once in a process */
void ex_order_run_first(int status);

#endif
