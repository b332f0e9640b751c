/*
 * handling.h: the fault for which a handler of the program's own runs. Runtimes recover from most faults and end the process
 * over some (Julia, the JVM, sanitizers): whether a fault belongs to the end is known by whether its handler was left.
 */
#ifndef EX_HANDLING_H
#define EX_HANDLING_H

#include <signal.h>
#include <stdint.h>

/* lies in the frame of our entry while the program's handler runs; what jumps out of that leaves it behind */
struct ex_handling {
	uint64_t mark;
	int signo, is_told;
	const siginfo_t *info;
	void *context;
	struct ex_handling *outer;
};

void ex_handling_begin(struct ex_handling *now, int signo, const siginfo_t *info, void *context, int is_told);
void ex_handling_end(const struct ex_handling *now);
/* the thread is about to end the process, by a signal or a call: tells the fault whose handler it is still in. here: a frame, or the
 * stack pointer at the signal; sent: context of a signal that was sent, else NULL */
void ex_handling_tell(uintptr_t here, void *sent);

#endif
