/*
 * late.h: calls of the malloc family after the exit handler of the allocator that serves them had ended. Out of the
 * events LATE_CALL; only with setting log=counters.
 */
#ifndef EX_LATE_H
#define EX_LATE_H

#include "calls.h"
#include "teardown.h"

struct ex_late_call {
	const struct ex_event *event;
	const struct ex_row *row; /* handler that its thread was running, NULL: none */
	struct ex_place caller;
};

struct ex_late {
	int is_observed;	   /* the malloc family was counted */
	const struct ex_row *done; /* the allocator's handler; NULL: none ended, so there is no call either */
	struct ex_late_call *calls;
	size_t count;
};

void ex_late_build(struct ex_late *late, const struct ex_teardown *teardown, const struct ex_calls *calls);

#endif
