/*
 * rules_who.c: who made a call that an event tells of, in a line of evidence. See rules.h.
 */
#include "rules.h"

#include "text.h"
#include "who.h"

void ex_rules_say_event(struct ex_candidate *c, const struct ex_teardown *t, const char *id, const char *what,
			const struct ex_event *event, uint64_t end_ns)
{
	const char *by = ex_who_path_text(t->symbols, event);
	/* what another thread was doing when it died is told a moment later */
	const char *when = event->time_ns >= end_ns
				   ? "at the end"
				   : ex_format("%s before the end", ex_duration_text(end_ns - event->time_ns));
	ex_rules_evidence(c, id, "%s by thread %u, %s%s%s", what, event->tid, when, by ? ": " : "", by ? by : "");
}
