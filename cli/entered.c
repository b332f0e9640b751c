/*
 * entered.c: see entered.h. Must never make a row or a verdict of an entry: it says that the function began, not that it
 * ended or what it did.
 */
#include "entered.h"

#include "settings.h"

#include <stdlib.h>

#define ENTRIES_MAX 4096 /* the functions are anybody's: one may be entered at every allocation */

void ex_entered_build(struct ex_entered *entered, const struct ex_teardown *teardown)
{
	const struct ex_image *image = teardown->image;
	*entered = (struct ex_entered){.is_observed = *ex_settings_value(image->options, "enter") != '\0'};
	for (size_t n = 0; n < image->event_count; n++)
		entered->all += image->events[n]->meta->id == EX_EV_ENTERED;
	size_t room = entered->all < ENTRIES_MAX ? entered->all : ENTRIES_MAX;
	entered->entries = calloc(room + 1, sizeof(*entered->entries));
	if (!entered->entries)
		abort();
	for (size_t n = 0; n < image->event_count && entered->count < room; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id != EX_EV_ENTERED)
			continue;
		const struct ex_ev_entered *fixed = EX_EVENT(event, entered);
		ex_symbols_at(teardown->symbols, event->time_ns);
		struct ex_entry entry = {.event = event,
					 .row = ex_teardown_row_at(teardown, event->tid, event->time_ns),
					 .function = ex_symbols_place(teardown->symbols, fixed->fn, 0),
					 .caller = ex_symbols_place(teardown->symbols, fixed->caller, 1)};
		if (ex_place_is_ours(&entry.caller)) /* it is the handler, or the handler jumped into it */
			entry.caller = (struct ex_place){.module_name = ""};
		entered->entries[entered->count++] = entry;
	}
	ex_symbols_at(teardown->symbols, UINT64_MAX - 1);
}
