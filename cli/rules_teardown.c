/*
 * rules_teardown.c: the rule of profile-after-teardown. See rules.h. It must never look at a symbol's or an allocator's
 * name to decide anything.
 */
#include "rules.h"

#include "report.h"
#include "text.h"

#include <string.h>

static struct ex_candidate *add(struct ex_findings *findings, const struct ex_teardown *t, const struct ex_row *handler,
				const struct ex_row *writer)
{
	struct ex_candidate *c = &findings->candidates[findings->count++];
	memset(c, 0, sizeof(*c));
	c->verdict = EX_VERDICT_PROFILE_AFTER_TEARDOWN;
	c->handler = handler;
	c->writer = writer;
	c->sham = ex_rules_sham(t, handler, writer);
	c->handler_name = ex_rules_row_name(handler);
	c->sham_name = c->sham ? ex_rules_row_name(c->sham) : NULL;
	c->cause = ex_format("The LLVM profile writer %s ran after the exit handler %s had taken away what it needs.",
			     ex_rules_row_name(writer), ex_rules_described(handler));
	c->evidence[c->evidence_count++] = findings->death;
	ex_rules_evidence(c, "order", "handler #%u %s ended %s before the writer #%u %s began", handler->n,
			  ex_rules_described(handler), ex_duration_text(writer->begin_ns - handler->end_ns), writer->n,
			  ex_rules_row_name(writer));
	const char *took = ex_took_text(handler);
	if (*took)
		ex_rules_evidence(c, "released", "handler #%u gave up %s", handler->n, took);
	return c;
}

static const char *nothing_taken(const struct ex_teardown *t, const struct ex_row *writer)
{
	unsigned handlers = 0;
	size_t ranges = 0;
	for (size_t i = 0; i < t->count; i++) {
		if (!ex_rules_has_ended_by(&t->rows[i], writer->begin_ns))
			continue;
		handlers++;
		ranges += t->rows[i].took_count;
	}
	return ex_format(
		"the writer's fault leads to no memory that an earlier handler took (%u had run, and %zu ranges "
		"of memory were gone), and it was not inside an allocation function",
		handlers, ranges);
}

void ex_rules_profile_after_teardown(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_PROFILE_AFTER_TEARDOWN;
	const struct ex_teardown *t = facts->teardown;
	const struct ex_image *image = facts->processes->judged;
	int inside;
	const struct ex_row *writer = ex_rules_writer_at_death(t, &inside);

	if (!image->crash) {
		ex_rules_exclude(findings, verdict, "no fatal signal was seen inside the process");
		return;
	}
	if (!writer) {
		ex_rules_exclude(findings, verdict,
				 image->has_writer ? "the process did not die inside the profile writer"
						   : "no LLVM profile writer was registered");
		return;
	}
	if (t->alive_before == EX_life_DEAD) {
		ex_rules_exclude(findings, verdict, "the allocator failed already before the first exit handler ran");
		return;
	}
	const struct ex_ev_crash *crash = EX_EVENT(image->crash, crash);
	const struct ex_took *took = NULL;
	const char *symbol = NULL;
	unsigned alive_count = 0;
	const struct ex_row *taken_by = ex_rules_taker(t, writer, writer->begin_ns, crash, &took);
	int entry = ex_rules_entry_frame(t, inside, &symbol);
	const struct ex_row *killed_by = entry >= 0 ? ex_rules_killer(t, writer, writer->begin_ns, &alive_count) : NULL;
	const char *damaged = killed_by && killed_by != taken_by ? ex_rules_only_damaged(t, killed_by, entry) : NULL;
	if (damaged)
		killed_by = NULL;

	if (taken_by) {
		struct ex_candidate *c = add(findings, t, taken_by, writer);
		ex_rules_say_taken(c, crash, took);
		if (killed_by == taken_by)
			ex_rules_say_dead(c, t, alive_count);
	}
	if (killed_by && killed_by != taken_by) {
		struct ex_candidate *c = add(findings, t, killed_by, writer);
		ex_rules_say_dead(c, t, alive_count);
	}
	for (unsigned i = 0; i < findings->count && entry >= 0; i++)
		ex_rules_evidence(&findings->candidates[i], "entry",
				  "the writer had called %s at 0x%llx, as this process binds it: frame %d of the stack",
				  symbol, (unsigned long long)t->crash_stack[entry].function, entry);
	if (!findings->count && damaged)
		ex_rules_exclude(findings, verdict, damaged);
	else if (!findings->count)
		ex_rules_exclude(findings, verdict,
				 entry < 0 ? nothing_taken(t, writer)
					   : "the writer died in an allocation function, but no earlier handler took "
					     "the memory it touched or made allocation fail");
}
