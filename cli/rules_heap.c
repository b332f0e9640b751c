/*
 * rules_heap.c: the rule of heap-after-teardown: whatever the exiting thread still ran, used what an earlier handler had
 * taken away. See rules.h. Special cases of it have rules of their own, which come first: the profile writer, libc's
 * list of handlers, a library that was unloaded.
 */
#include "rules.h"

#include "report.h"
#include "text.h"

static int has_goodbye(const struct ex_image *image)
{
	for (size_t i = 0; i < image->event_count; i++)
		if (image->events[i]->meta->id == EX_EV_GOODBYE)
			return 1;
	return 0;
}

/* who used it, as the sentences say it */
static const char *user_text(const struct ex_teardown *t)
{
	if (t->crash_row)
		return ex_format("%s %s", t->crash_row->kind == EX_ROW_FINI ? "The finalizer" : "The exit handler",
				 ex_rules_described(t->crash_row));
	return has_goodbye(t->image) ? "What libc does after the last exit handler"
				     : "What ran between two exit handlers";
}

static const char *not_this(const struct ex_facts *facts)
{
	const struct ex_teardown *t = facts->teardown;
	const struct ex_image *image = facts->processes->judged;
	int inside;
	if (!image->crash)
		return "no fatal signal was seen inside the process";
	if (!image->first_exit || image->first_exit->time_ns > image->crash->time_ns)
		return "the process died before exit began";
	if (image->first_exit->tid != image->crash->tid)
		return "the thread that died is not the one that exits";
	if (ex_rules_writer_at_death(t, &inside) || t->crashed_in_flush)
		return "it was the profile writer that died";
	if (ex_rules_is_in_runner(t))
		return "it was libc's function that runs exit handlers that died, in no handler";
	const struct ex_ev_crash *crash = EX_EVENT(image->crash, crash);
	if (ex_rules_unloaded_at(image, crash->pc, image->crash->time_ns) ||
	    (ex_rules_is_memory_fault(crash) && ex_rules_unloaded_at(image, crash->address, image->crash->time_ns)))
		return "what it used belonged to a library that was unloaded";
	return NULL;
}

/* a null pointer is mostly the program's own: only arms can tell it from one that was read where memory was discarded */
static void add_discarded(struct ex_findings *findings, const struct ex_teardown *t, struct ex_lead *lead)
{
	struct ex_candidate *c = ex_rules_candidate(findings, EX_VERDICT_HEAP_AFTER_TEARDOWN);
	if (!c)
		return;
	lead->handler = lead->discarded;
	lead->can_keep = 1;
	ex_rules_blame(c, t, lead);
	c->doubt = "the null pointer need not come from the memory that was discarded";
	c->cause = ex_format("%s found a null pointer in memory that the exit handler %s had discarded before.",
			     user_text(t), ex_rules_described(lead->handler));
	ex_rules_evidence(c, "discarded", "handler #%u %s discarded memory, which reads as zero since: %s",
			  lead->handler->n, ex_rules_described(lead->handler), ex_took_text(lead->handler));
}

void ex_rules_heap(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_HEAP_AFTER_TEARDOWN;
	const struct ex_teardown *t = facts->teardown;
	struct ex_lead lead;
	if (!facts->is_bad)
		return;
	const char *why = not_this(facts);
	if (!why && !ex_rules_lead(&lead, t) && lead.discarded && lead.entry < 0) {
		add_discarded(findings, t, &lead);
		return;
	}
	if (!why && !lead.handler)
		why = lead.damaged ? lead.damaged
		      : lead.entry < 0
			      ? "the fault leads to no memory that an earlier handler took, and it was not inside "
				"an allocation function"
			      : "it died in an allocation function, but no earlier handler took the memory it "
				"touched or is known to have made allocation fail";
	if (why) {
		ex_rules_exclude(findings, verdict, why);
		return;
	}
	struct ex_candidate *c = ex_rules_candidate(findings, verdict);
	if (!c)
		return;
	ex_rules_blame(c, t, &lead);
	c->cause = ex_format("%s used %s that the exit handler %s had taken away before.", user_text(t),
			     lead.took ? "memory" : "the allocator", ex_rules_described(lead.handler));
	if (t->crash_row && t->crash_row->begin_ns >= lead.handler->end_ns)
		ex_rules_evidence(c, "order", "handler #%u %s ended %s before #%u %s began", lead.handler->n,
				  ex_rules_described(lead.handler),
				  ex_duration_text(t->crash_row->begin_ns - lead.handler->end_ns), t->crash_row->n,
				  ex_rules_described(t->crash_row));
	else
		ex_rules_evidence(c, "order", "handler #%u %s ended %s before the fault", lead.handler->n,
				  ex_rules_described(lead.handler),
				  ex_duration_text(facts->processes->judged->crash->time_ns - lead.handler->end_ns));
	ex_rules_say_lead(c, t, &lead);
	if (findings->lost.text)
		c->evidence[c->evidence_count++] = findings->lost;
}
