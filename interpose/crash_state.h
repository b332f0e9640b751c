/*
 * crash_state.h: what a dying process leaves to be read of itself: its memory map, the bytes of code that it was in, what
 * libc said before it aborted.
 */
#ifndef EX_CRASH_STATE_H
#define EX_CRASH_STATE_H

#include <stdint.h>

void ex_crash_state_tell(int signo, uint64_t pc);

#endif
