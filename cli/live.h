/*
 * live.h: threads that were alive when exit began, the exiting one left out: where each was, and what it did from then
 * on.
 */
#ifndef EX_LIVE_H
#define EX_LIVE_H

#include "teardown.h"

struct ex_live_after {		  /* while the exiting thread ran one row */
	const struct ex_row *row; /* NULL: while it ran none */
	uint64_t growths, allocations, frees;
};

struct ex_live_thread {
	uint32_t tid;
	struct ex_place start;	      /* its start routine; the first thread's: main */
	const struct ex_event *event; /* LIVE_THREAD; NULL: what follows is not known */
	const char *name;	      /* NULL */
	struct ex_place *frames;      /* innermost first; empty when it was running */
	int frame_count;
	struct ex_live_after *after;
	size_t after_count;
};

/* returns their number */
size_t ex_live_find(const struct ex_teardown *teardown, struct ex_live_thread **threads);
/* where a thread was of which only these two registers are known; returns the number of frames */
int ex_live_unwind(const struct ex_teardown *teardown, uint64_t pc, uint64_t sp, struct ex_text stack,
		   struct ex_place **frames);
/* "futex", "system call 512"; NULL when it slept in none, or nobody knows */
const char *ex_live_syscall(const struct ex_live_thread *thread);
/* the first frame that is not in the object with the system call's wrapper; NULL */
const struct ex_place *ex_live_caller(const struct ex_live_thread *thread);

#endif
