/*
 * fills.h: functions that have the kernel write to the program's memory (schema/fills.def). A guarded block stops it without a fault:
 * the call fails, or does less than it was asked for, and that is told as what it is.
 */
#ifndef EX_HEAP_FILLS_H
#define EX_HEAP_FILLS_H

/* before anything can call them from a signal handler */
void ex_fills_find(void);

#endif
