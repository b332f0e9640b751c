/*
 * late.c: see late.h. It says that there were calls, not that they did harm: many allocators go on working.
 */
#include "late.h"

#include <stdlib.h>

static const struct ex_row *allocator_done(const struct ex_teardown *teardown, const struct ex_module *allocator)
{
	const struct ex_row *first = NULL;
	for (size_t n = 0; allocator && n < teardown->count; n++) {
		const struct ex_row *row = &teardown->rows[n];
		if (row->kind == EX_ROW_ALLOCATOR_DONE && row->place.module == allocator && row->end_ns &&
		    row->outcome == EX_outcome_of_handler_RAN && (!first || row->end_ns < first->end_ns))
			first = row;
	}
	return first;
}

void ex_late_build(struct ex_late *late, const struct ex_teardown *teardown, const struct ex_calls *calls)
{
	const struct ex_image *image = teardown->image;
	*late = (struct ex_late){.is_observed = calls->is_counted,
				 .done = calls->is_counted ? allocator_done(teardown, calls->allocator) : NULL};
	if (!late->done)
		return;
	late->calls = calloc(image->event_count + 1, sizeof(*late->calls));
	if (!late->calls)
		abort();
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id != EX_EV_LATE_CALL || event->time_ns <= late->done->end_ns)
			continue;
		ex_symbols_at(teardown->symbols, event->time_ns);
		late->calls[late->count++] =
			(struct ex_late_call){.event = event,
					      .row = ex_teardown_row_at(teardown, event->tid, event->time_ns),
					      .caller = ex_symbols_place(teardown->symbols,
									 EX_EVENT(event, late_call)->caller, 1)};
	}
	ex_symbols_at(teardown->symbols, UINT64_MAX - 1);
}
