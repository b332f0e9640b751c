/*
 * departure.h: the calls that asked a process image to end, and how long it took from there to the kernel.
 */
#ifndef EX_DEPARTURE_H
#define EX_DEPARTURE_H

#include "teardown.h"

struct ex_exit_call {
	const struct ex_event *event; /* EXIT_BEGIN; THREAD_EXIT of the first thread */
	const char *kind;	      /* "exit", "main-return", "pthread_exit" … */
	struct ex_place caller;	      /* address 0: none, main returned */
};

struct ex_departure {
	struct ex_exit_call *calls; /* in order; a repeated one is one more */
	size_t call_count;
	uint64_t begin_ns; /* main's end or the call of exit; 0: never came */
	uint64_t stdio_ns; /* the last handler had returned: libc flushes its streams from here on; 0: not known */
	uint64_t left_ns;  /* and goes to the kernel; 0: not seen */
	uint32_t left_tid; /* the thread that does */
};

void ex_departure_build(struct ex_departure *departure, const struct ex_teardown *teardown);
/* what became of a row that never returned, as far as it is known: "did not return: it called exit"; is_complete:
 * no event was lost */
const char *ex_departure_fate(const struct ex_departure *departure, const struct ex_teardown *teardown,
			      const struct ex_row *row, int is_complete);

#endif
