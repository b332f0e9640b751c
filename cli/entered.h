/*
 * entered.h: entries of the functions that option enter= names, out of the events ENTERED.
 */
#ifndef EX_ENTERED_H
#define EX_ENTERED_H

#include "teardown.h"

struct ex_entry {
	const struct ex_event *event;
	const struct ex_row *row;	  /* handler that its thread was running, NULL: none */
	struct ex_place function, caller; /* caller.address 0: run as a handler */
};

struct ex_entered {
	int is_observed; /* enter= was in force: no entry means that none took place, where no function was refused */
	struct ex_entry *entries;
	size_t count; /* of those kept */
	size_t all;
};

void ex_entered_build(struct ex_entered *entered, const struct ex_teardown *teardown);

#endif
