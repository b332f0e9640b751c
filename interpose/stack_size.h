/*
 * stack_size.h: treatment stack-size: larger stacks, to tell a program that needs more of it from one that needs ever more.
 */
#ifndef EX_STACK_SIZE_H
#define EX_STACK_SIZE_H

#include <sys/types.h>

/* the main thread's: its limit. Before the program runs */
void ex_stack_size_start(void);
/* what a thread is to be made with in place of attr: attr itself, or a copy of it in *ours with a larger size. The copy shares
 * what libc's own hangs on it, and must not be destroyed */
const void *ex_stack_size_attr(const void *attr, pthread_attr_t *ours);

#endif
