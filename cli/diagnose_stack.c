/*
 * diagnose_stack.c: the three stacks that go with a verdict. See diagnose.h.
 */
#include "diagnose.h"

#include <stdlib.h>

#define FRAMES_MAX 64

/* REGISTER carries its sample in its two tails; finalizers, which nobody registered, carry an empty one */
static int of_registration(const struct ex_experiment *x, const struct ex_row *row, const struct ex_place **frames)
{
	if (!row)
		return 0;
	struct ex_place *found = calloc(FRAMES_MAX, sizeof(*found));
	if (!found)
		abort();
	int count = 0;
	const struct ex_event *event = row->registration;
	if (event && event->tail[0].length)
		count = ex_symbols_unwind(x->teardown->symbols, event->tail[0], event->tail[1], 1, found, FRAMES_MAX);
	if (!count) {
		found[0] = row->registered_by.module ? row->registered_by : row->place;
		count = 1;
	}
	*frames = found;
	return count;
}

/* without the frames between a handler and its caller, which are ours */
static int of_crash(const struct ex_teardown *teardown, const struct ex_place **frames)
{
	struct ex_place *kept = calloc((size_t)teardown->crash_frames + 1, sizeof(*kept));
	int count = 0;
	if (!kept)
		abort();
	for (int n = 0; n < teardown->crash_frames; n++)
		if (!n || !ex_place_is_ours(&teardown->crash_stack[n]))
			kept[count++] = teardown->crash_stack[n];
	*frames = kept;
	return count;
}

int ex_diagnose_stack(const struct ex_experiment *x, enum ex_stack which, const struct ex_place **frames)
{
	if (!x->teardown || !x->teardown->image)
		return 0;
	if (which == EX_STACK_FAULT)
		return of_crash(x->teardown, frames);
	if (!x->candidate)
		return 0;
	return of_registration(x, which == EX_STACK_OWNER ? x->candidate->handler : x->candidate->writer, frames);
}
