/*
 * rules_who.c: who made a call that an event tells of, in a line of evidence. See rules.h.
 */
#include "rules.h"

#include "text.h"

#include <string.h>

#define FRAMES 64
#define TOLD 8 /* from the system's own wrappers up to who decided it */

/* compiled for every type, and no decision of anybody's */
static int is_glue(const struct ex_place *place)
{
	return place->symbol && !strncmp(place->symbol, "core::ptr::drop_in_place<", 25);
}

/* what called it is the same in every program */
static int is_first(const struct ex_place *place)
{
	return place->symbol && (!strcmp(place->symbol, "main") || !strcmp(place->symbol, "start_thread"));
}

/* the frames of its sample that are not ours, the innermost first; NULL: it has none */
static const char *by_stack(const struct ex_teardown *t, const struct ex_event *event)
{
	struct ex_place frames[FRAMES];
	int regs = ex_event_tail(event->meta, "regs"), stack = ex_event_tail(event->meta, "stack");
	const char *text = NULL;
	int told = 0;
	if (regs < 0 || !event->tail[regs].length)
		return NULL;
	ex_symbols_at(t->symbols, event->time_ns);
	int count = ex_symbols_unwind(t->symbols, event->tail[regs], event->tail[stack], 1, frames, FRAMES);
	ex_symbols_at(t->symbols, UINT64_MAX);
	for (int i = 0; i < count && told < TOLD; i++) {
		if (!frames[i].module || ex_place_is_ours(&frames[i]) || is_glue(&frames[i]))
			continue;
		text = text ? ex_format("%s, called by %s", text, ex_place_text(&frames[i]))
			    : ex_place_text(&frames[i]);
		told += is_first(&frames[i]) ? TOLD : 1;
	}
	return text;
}

static uint64_t caller(const struct ex_event *event)
{
	switch (event->meta->id) {
	case EX_EV_GROWTH:
		return EX_EVENT(event, growth)->caller;
	case EX_EV_QUARANTINED:
		return EX_EVENT(event, quarantined)->caller;
	case EX_EV_STALE_UNMAP:
		return EX_EVENT(event, stale_unmap)->caller;
	case EX_EV_DLCLOSE:
		return EX_EVENT(event, dlclose)->caller;
	default:
		return 0;
	}
}

const char *ex_rules_who(const struct ex_teardown *t, const struct ex_event *event)
{
	if (!t->symbols)
		return NULL;
	const char *text = by_stack(t, event);
	if (text || !caller(event))
		return text;
	ex_symbols_at(t->symbols, event->time_ns);
	struct ex_place place = ex_symbols_place(t->symbols, caller(event), 1);
	ex_symbols_at(t->symbols, UINT64_MAX);
	return place.module ? ex_place_text(&place) : NULL;
}

void ex_rules_say_event(struct ex_candidate *c, const struct ex_teardown *t, const char *id, const char *what,
			const struct ex_event *event, uint64_t end_ns)
{
	const char *by = ex_rules_who(t, event);
	ex_rules_evidence(c, id, "%s by thread %u, %s before the end%s%s", what, event->tid,
			  ex_duration_text(end_ns - event->time_ns), by ? ": " : "", by ? by : "");
}
