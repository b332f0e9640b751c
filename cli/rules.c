/*
 * rules.c: the rules in order of precedence, and what they share. See rules.h. A rule either adds a candidate with
 * the numbers it rests on, or says in one clause why its cause is excluded. It runs nothing and guesses nothing.
 */
#include "rules.h"

#include "report.h"
#include "text.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct ex_verdict_meta ex_verdicts[] = {
#define VERDICT(NAME, name, cause, evidence, confirm, control, advice)                                                 \
	{name, cause, evidence, confirm, control, advice},
#include "verdicts.def"
#undef VERDICT
};

void ex_rules_exclude(struct ex_findings *findings, enum ex_verdict verdict, const char *why)
{
	if (findings->excluded_count < sizeof(findings->excluded) / sizeof(findings->excluded[0]))
		findings->excluded[findings->excluded_count++] = (struct ex_exclusion){verdict, why};
}

void ex_rules_evidence(struct ex_candidate *candidate, const char *id, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	if (candidate->evidence_count == sizeof(candidate->evidence) / sizeof(candidate->evidence[0]))
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	candidate->evidence[candidate->evidence_count++] = (struct ex_evidence){id, text};
}

const char *ex_rules_row_name(const struct ex_row *row)
{
	if (!row->place.module || !row->place.module_name || !row->place.module_name[0])
		return ex_format("#%u", row->n);
	return ex_format("%s+0x%llx", row->place.module_name, (unsigned long long)row->place.offset);
}

const char *ex_rules_frame_text(const struct ex_place *place)
{
	if (!place->module)
		return ex_format("0x%llx, outside every module", (unsigned long long)place->address);
	return ex_format(place->symbol ? "%s+0x%llx (%s)" : "%s+0x%llx", place->module_name,
			 (unsigned long long)place->offset, place->symbol);
}

static void describe_death(struct ex_findings *findings, const struct ex_facts *facts)
{
	const struct ex_image *image = facts->processes->judged;
	const struct ex_teardown *t = facts->teardown;
	const char *who = ex_format("process %u (%s)", image->pid, image->exe ? image->exe : "?");

	findings->death = (struct ex_evidence){"death", NULL};
	findings->lost = (struct ex_evidence){"profile", NULL};
	if (ex_rules_leaves_without_writing(image) && !ex_rules_writer_began(t))
		findings->lost.text = ex_format("its LLVM profile writer was registered and did not run, so its "
						"profile was lost with it");
	if (!image->crash) {
		if (image->end == EX_END_SIGNAL)
			findings->death.text = ex_format("%s was ended by %s", who, ex_signal_name(image->signal));
		if (image->end == EX_END_VANISHED)
			findings->death.text = ex_format("%s %s", who, ex_end_words(image));
		return;
	}
	const struct ex_ev_crash *crash = EX_EVENT(image->crash, crash);
	const char *where = t->crash_frames ? ex_rules_frame_text(&t->crash_stack[0])
					    : ex_format("0x%llx", (unsigned long long)crash->pc);
	const char *how = crash->code > 0 ? ex_format("%s at address 0x%llx", ex_code_name(crash->signo, crash->code),
						      (unsigned long long)crash->address)
			  : crash->sender == image->pid ? "sent by itself"
							: ex_format("sent by process %u", crash->sender);
	const char *during = "before any exit handler";
	if (t->crash_row)
		during = ex_format("while #%u %s%s was running", t->crash_row->n, ex_rules_row_name(t->crash_row),
				   t->crash_row->kind == EX_ROW_PROFILE_WRITE ? " (the profile writer)" : "");
	else if (image->first_exit)
		during = "after exit had begun, in no exit handler";
	const struct ex_took *took = NULL;
	const struct ex_row *taker = ex_rules_taker(t, NULL, image->crash->time_ns, crash, &took);
	if (taker)
		findings->taken.text =
			ex_format("the faulting address lies in 0x%llx-0x%llx, which went away during handler "
				  "#%u %s (%s)",
				  (unsigned long long)took->begin, (unsigned long long)took->end, taker->n,
				  ex_rules_row_name(taker), EX_KIND_TEXT(release, took->how));
	findings->death.text =
		ex_format("%s died of %s (%s), pc %s, %s", who, ex_signal_name(crash->signo), how, where, during);
}

void ex_rules_apply(struct ex_findings *findings, const struct ex_facts *facts)
{
	memset(findings, 0, sizeof(*findings));
	if (!facts->processes->judged || facts->timed_out || facts->interrupted) {
		const char *why = facts->timed_out     ? "the run was ended at --timeout, so how it ended says nothing"
				  : facts->interrupted ? "the run was interrupted"
						       : "no process of the command could be observed";
		for (int v = 0; v < EX_VERDICT_HEALTHY; v++)
			ex_rules_exclude(findings, v, why);
		return;
	}
	describe_death(findings, facts);
	ex_rules_profile_after_teardown(findings, facts);
	ex_rules_mixed_layouts(findings, facts);
	ex_rules_profile_lost(findings, facts);
	ex_rules_exit_list(findings, facts);
	ex_rules_heap(findings, facts);
	ex_rules_unloaded_module(findings, facts);
	ex_rules_threads(findings, facts);
	ex_rules_foreign_free(findings, facts);
	ex_rules_host_mappings(findings, facts);
	ex_rules_fault_code(findings, facts);
	ex_rules_double_unmap(findings, facts);
	ex_rules_dangling_code(findings, facts);
	ex_rules_order_unmap(findings);
	ex_rules_write_xor_execute(findings, facts);
	ex_rules_growth_refused(findings, facts);
	ex_rules_stack(findings, facts);
	ex_rules_arena_contention(findings, facts);
	ex_rules_wild(findings, facts);
	ex_rules_null(findings, facts);
}
