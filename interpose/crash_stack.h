/*
 * crash_stack.h: at a crash: where the dying thread's stacks end, and which return addresses its stack is full of. Only the
 * process can count those: a stack that overflowed is thousands of times larger than what a trace keeps of it.
 */
#ifndef EX_CRASH_STACK_H
#define EX_CRASH_STACK_H

#include <stdint.h>

/* sp: where the thread was, or where it was when it faulted, if a handler of the program's on a signal stack ends it now */
void ex_crash_stack_tell(uintptr_t sp);

#endif
