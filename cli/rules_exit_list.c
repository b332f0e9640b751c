/*
 * rules_exit_list.c: the rule of exit-list-on-dead-heap. See rules.h. libc keeps the first 32 exit handlers in memory of
 * its own and allocates room for further ones: when a handler takes the heap away, the rest of the list goes with it.
 */
#include "rules.h"

#include "text.h"

/* a fork child has its parent's libc, and only the parent said what it patched in it */
static int is_libc(const struct ex_image *image, const struct ex_module *module)
{
	for (; image; image = image->parent)
		for (size_t i = 0; i < image->event_count; i++) {
			const struct ex_event *event = image->events[i];
			if (event->meta->id != EX_EV_DETOUR)
				continue;
			uint64_t fn = EX_EVENT(event, detour)->fn;
			if (fn >= module->begin && fn < module->end)
				return 1;
		}
	return 0;
}

/* between two handlers that one object has registered, or those of all */
static int is_finalizing(const struct ex_teardown *t)
{
	const struct ex_event *crash = t->image->crash;
	int depth = 0;
	for (size_t i = 0; i < t->image->event_count; i++) {
		const struct ex_event *event = t->image->events[i];
		if (event->tid != crash->tid || event->time_ns > crash->time_ns)
			continue;
		depth += event->meta->id == EX_EV_FINALIZE_BEGIN;
		depth -= event->meta->id == EX_EV_FINALIZE_END;
	}
	return depth > 0;
}

/* where exit's frame must be: the runner is called by it, or was made one with it. libc exports these names because
 * programs link to them, so they are there in a stripped one too; that of the runner itself is not */
static int is_called_by(const struct ex_teardown *t, const char *name)
{
	uint64_t fn = ex_symbols_export(t->symbols, t->crash_stack[0].module, name);
	return fn && (t->crash_stack[0].function == fn || (t->crash_frames > 1 && t->crash_stack[1].function == fn));
}

int ex_rules_is_in_runner(const struct ex_teardown *t)
{
	const struct ex_row *row = t->crash_row;
	if (!t->image->crash || !t->image->first_exit || t->image->first_exit->tid != t->image->crash->tid)
		return 0;
	if (!t->crash_frames || !t->crash_stack[0].module || !is_libc(t->image, t->crash_stack[0].module))
		return 0;
	/* with a handler under way it is libc working for that handler. A finalizer may be what calls __cxa_finalize */
	if (row && row->kind != EX_ROW_FINI)
		return 0;
	if (is_finalizing(t))
		return !t->symbols ||
		       ex_symbols_export(t->symbols, t->crash_stack[0].module, "__cxa_finalize") ==
			       t->crash_stack[0].function ||
		       (!row && is_called_by(t, "exit"));
	return !row && t->symbols && (is_called_by(t, "exit") || is_called_by(t, "quick_exit"));
}

void ex_rules_exit_list(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_EXIT_LIST_ON_DEAD_HEAP;
	const struct ex_teardown *t = facts->teardown;
	struct ex_lead lead;
	if (!facts->is_bad)
		return;
	if (!ex_rules_is_in_runner(t)) {
		ex_rules_exclude(findings, verdict,
				 "the process did not die in the function of libc that runs exit handlers");
		return;
	}
	if (!ex_rules_lead(&lead, t) || !lead.took) {
		ex_rules_exclude(findings, verdict,
				 "libc died while it ran exit handlers, but on no memory that one of them took");
		return;
	}
	struct ex_candidate *c = ex_rules_candidate(findings, verdict);
	if (!c)
		return;
	ex_rules_blame(c, t, &lead);
	c->cause = ex_format("libc's own list of exit handlers lay in heap memory that the exit handler %s had taken "
			     "away.",
			     ex_rules_described(lead.handler));
	ex_rules_evidence(c, "runner", "no handler was running in that thread: libc was between two of them");
	ex_rules_say_lead(c, t, &lead);
}
