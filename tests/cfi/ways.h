/*
 * ways.h: the functions that t_cfi walks out of, compiled once for each way that compilers lay out frames.
 */
#ifndef WAYS_H
#define WAYS_H

#include <stddef.h>

/* calls then() at the end of a chain: plain calls, a tail call, alloca, an aligned frame, recursion, callee-saved registers */
struct ways {
	void (*plain)(void (*then)(void)), (*tail)(void (*then)(void)), (*stack)(void (*then)(void)),
		(*aligned)(void (*then)(void)), (*recursion)(void (*then)(void)), (*registers)(void (*then)(void));
};
extern const struct ways ways_frame_pointer, ways_no_frame_pointer, ways_unoptimized;

#endif
