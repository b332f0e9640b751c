/*
 * rules_threads.c: the rule of threads-at-exit: a thread that nobody had ended used what an exit handler took away, in
 * the thread that exits. See rules.h.
 */
#include "rules.h"

#include "text.h"

/* memory that a thread outside every handler gave back: then no handler is to blame */
static int is_taken_outside(const struct ex_image *image, uint64_t address)
{
	for (size_t i = 0; i < image->event_count; i++) {
		const struct ex_event *event = image->events[i];
		if (event->meta->id != EX_EV_RELEASE || event->time_ns > image->crash->time_ns)
			continue;
		const struct ex_ev_release *release = EX_EVENT(event, release);
		if (!release->id && release->how != EX_release_GONE && address >= release->begin &&
		    address < release->end)
			return 1;
	}
	return 0;
}

static const char *not_this(const struct ex_facts *facts)
{
	const struct ex_image *image = facts->processes->judged;
	if (!image->crash)
		return "no fatal signal was seen inside the process";
	if (!image->first_exit || image->first_exit->time_ns > image->crash->time_ns)
		return "the process died before exit began";
	if (image->first_exit->tid == image->crash->tid)
		return "the thread that died is the one that exits";
	const struct ex_ev_crash *crash = EX_EVENT(image->crash, crash);
	if (ex_rules_unloaded_at(image, crash->pc, image->crash->time_ns) ||
	    (ex_rules_is_memory_fault(crash) && ex_rules_unloaded_at(image, crash->address, image->crash->time_ns)))
		return "what it used belonged to a library that was unloaded";
	if (ex_rules_is_memory_fault(crash) && is_taken_outside(image, crash->address))
		return "the memory that the thread used was given back by a thread, not by an exit handler";
	return NULL;
}

void ex_rules_threads(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_THREADS_AT_EXIT;
	const struct ex_image *image = facts->processes->judged;
	const struct ex_teardown *t = facts->teardown;
	struct ex_lead lead;
	if (!facts->is_bad)
		return;
	const char *why = not_this(facts);
	if (!why && (!ex_rules_lead(&lead, t) || lead.handler->tid == image->crash->tid))
		why = "another thread than the exiting one died, but its fault leads to nothing that an exit handler "
		      "took";
	if (why) {
		ex_rules_exclude(findings, verdict, why);
		return;
	}
	struct ex_candidate *c = ex_rules_candidate(findings, verdict);
	if (!c)
		return;
	ex_rules_blame(c, t, &lead);
	c->cause = ex_format("A thread that was still running used %s that the exit handler %s had taken away.",
			     lead.took ? "memory" : "the allocator", ex_rules_described(lead.handler));
	ex_rules_evidence(c, "threads", "thread %u died %s after thread %u had begun to exit", image->crash->tid,
			  ex_duration_text(image->crash->time_ns - image->first_exit->time_ns), image->first_exit->tid);
	ex_rules_say_lead(c, t, &lead);
}
