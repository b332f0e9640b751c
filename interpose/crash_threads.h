/*
 * crash_threads.h: where the other threads of a process that is about to die are.
 */
#ifndef EX_CRASH_THREADS_H
#define EX_CRASH_THREADS_H

#include <stdint.h>

/* the calling thread dies, and was there */
void ex_crash_threads_dies(const uint64_t *regs);
/* tells THREAD_PLACE of each, as option crash-threads says; once a process. From the signal's handler. is_certain: the process
 * will be gone, so threads may be stopped */
void ex_crash_threads_tell(int is_certain);
void ex_crash_threads_forget(void); /* in a fork child */

#endif
