/*
 * report_suspects.c: what could explain a bad end, by the rules that diagnose has, from one trace alone. Must never sound as if
 * anything had been tried.
 */
#include "report.h"

#include "emit_process.h"
#include "fault.h"
#include "host.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* out of its own handler of a fault, with a status that says so */
static int left_from_handler(const struct ex_image *image)
{
	struct ex_fault fault;
	if ((image->end != EX_END_FAST && image->end != EX_END_EXIT && image->end != EX_END_QUICK) || !image->status)
		return 0;
	ex_fault_find(&fault, image);
	return fault.event && fault.is_handled && fault.lived_ns < 1000000000u;
}

void ex_report_suspects_find(struct ex_report *report)
{
	struct ex_processes *processes = calloc(1, sizeof(*processes));
	if (!processes)
		abort();
	report->is_bad = report->image->is_bad || left_from_handler(report->image);
	if (!report->is_bad)
		return;
	*processes = *report->processes;
	processes->judged = (struct ex_image *)report->image; /* --pid may ask for another one */
	const struct ex_facts facts = {.processes = processes,
				       .is_bad = 1,
				       .teardown = &report->teardown,
				       .profiles = -1,
				       .profiles_due = ex_rules_profiles_due(processes)};
	ex_rules_apply(&report->findings, &facts);
}

static const char *cause_of(const struct ex_candidate *c)
{
	return c->cause ? c->cause : ex_verdicts[c->verdict].cause;
}

/* why it was not what only happens in a sandbox, where it ran in one */
static void excluded_text(const struct ex_report *report, FILE *out)
{
	for (unsigned n = 0; ex_host_sandbox(report->image) && n < report->findings.excluded_count; n++) {
		const struct ex_exclusion *e = &report->findings.excluded[n];
		if (e->verdict == EX_VERDICT_HOST_MAPPING_EXHAUSTION ||
		    e->verdict == EX_VERDICT_MISREPORTED_FAULT_CODE || e->verdict == EX_VERDICT_WILD_ADDRESS)
			fprintf(out, "  not %s: %s\n", ex_verdicts[e->verdict].name, e->why);
	}
}

void ex_report_suspects_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain)
{
	const struct ex_findings *findings = &report->findings;
	if (!report->is_bad)
		return;
	if (!findings->count) {
		fprintf(out, "\n%swhat could explain it%s: none of the causes that exeunt knows\n", bold, plain);
		excluded_text(report, out);
		return;
	}
	fprintf(out,
		"\n%swhat could explain it%s (from this run alone, nothing is confirmed; exeunt diagnose tries it)\n",
		bold, plain);
	for (unsigned n = 0; n < findings->count; n++) {
		const struct ex_candidate *c = &findings->candidates[n];
		fprintf(out, "  %s%s%s: %s\n", bold, ex_verdicts[c->verdict].name, plain, cause_of(c));
		for (unsigned e = 0; e < c->evidence_count; e++)
			if (c->evidence[e].text && strcmp(c->evidence[e].id, "death") != 0) /* the headline says it */
				fprintf(out, "    - %s\n", c->evidence[e].text);
		if (c->doubt)
			fprintf(out, "    - in doubt: %s\n", c->doubt);
	}
}

void ex_report_suspects_json(const struct ex_report *report, struct ex_emit *emit)
{
	ex_emit_array(emit, "suspects");
	for (unsigned n = 0; n < report->findings.count; n++) {
		const struct ex_candidate *c = &report->findings.candidates[n];
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "verdict", ex_verdicts[c->verdict].name);
		ex_emit_text(emit, "cause", cause_of(c));
		ex_emit_array(emit, "evidence");
		for (unsigned e = 0; e < c->evidence_count; e++) {
			if (!c->evidence[e].text)
				continue;
			ex_emit_object(emit, NULL);
			ex_emit_text(emit, "id", c->evidence[e].id);
			ex_emit_text(emit, "text", c->evidence[e].text);
			ex_emit_end(emit);
		}
		ex_emit_end(emit);
		ex_emit_text(emit, "doubt", c->doubt);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}
