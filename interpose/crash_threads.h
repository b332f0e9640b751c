/*
 * crash_threads.h: where the other threads of a process that is about to die are.
 */
#ifndef EX_CRASH_THREADS_H
#define EX_CRASH_THREADS_H

/* tells THREAD_PLACE of each, as option crash-threads says; once a process. From the signal's handler */
void ex_crash_threads_tell(void);

#endif
