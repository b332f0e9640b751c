/*
 * diagnose_text.c: the verdict for people: the answer first, then what it rests on, then how to repeat it.
 */
#include "diagnose.h"

#include "text.h"

#include <string.h>

#define STACK_SHOWN 14

static void heading(FILE *out, const char *text, int is_colour)
{
	fprintf(out, "\n%s%s%s\n", is_colour ? "\033[1m" : "", text, is_colour ? "\033[0m" : "");
}

static const char *mood(enum ex_verdict verdict)
{
	return verdict == EX_VERDICT_HEALTHY						 ? "\033[1;32m"
	       : verdict == EX_VERDICT_UNKNOWN || verdict == EX_VERDICT_ARENA_CONTENTION ? "\033[1;33m"
											 : "\033[1;31m";
}

static void print_stack(const struct ex_experiment *x, FILE *out, int is_colour)
{
	const struct ex_place *frames = NULL;
	int count = ex_diagnose_stack(x, EX_STACK_FAULT, &frames);
	if (!count)
		return;
	heading(out, "where it died, innermost first", is_colour);
	for (int i = 0; i < count && i < STACK_SHOWN; i++)
		fprintf(out, "  %2d  %s\n", i, ex_place_text(&frames[i]));
	if (count > STACK_SHOWN)
		fprintf(out, "      and %d more\n", count - STACK_SHOWN);
}

static void print_arms(const struct ex_experiment *x, FILE *out, int is_colour)
{
	const char *title = "what was tried";
	if (x->arms[0]->measure == EX_MEASURE_PROFILE)
		title = "what was tried (bad: no whole profile came)";
	else if (x->arms[0]->measure == EX_MEASURE_GUARD)
		title = "what was tried (bad: no guard stopped it; of slack, ends and starts: it died)";
	else if (x->verdict == EX_VERDICT_ARENA_CONTENTION)
		title = ex_format("what was tried (bad: threads waited for %.1f %% of their time, or more)",
				  x->arms[0]->share * 100);
	heading(out, title, is_colour);
	fprintf(out, "  %-9s %-9s %5s %4s  %-14s %s\n", "arm", "role", "runs", "bad", "95 % interval", "treatment");
	for (unsigned i = 0; i < x->arm_count; i++) {
		const struct ex_arm *arm = x->arms[i];
		unsigned bad = ex_arm_bad(arm), runs = ex_arm_counted(arm);
		struct ex_interval interval = ex_stats_wilson(bad, runs);
		fprintf(out, "  %-9s %-9s %5u %4u  %5.1f - %5.1f%%  %s\n", arm->name, ex_role_text(arm->role), runs,
			bad, interval.low * 100, interval.high * 100,
			*arm->treatment ? arm->treatment
			: arm->is_stale ? "a damaged profile of an earlier run in its place"
					: "none");
		if (arm->count > runs)
			fprintf(out,
				"            %u more not counted: not ended by themselves, or the treatment did not "
				"take place\n",
				arm->count - runs);
		fprintf(out, "            %s\n", arm->repeat);
	}
}

static void print_list(const char *lines, FILE *out)
{
	while (*lines) {
		size_t length = strcspn(lines, "\n");
		fprintf(out, "  - %.*s\n", (int)length, lines);
		lines += length + (lines[length] == '\n');
	}
}

void ex_diagnose_text(const struct ex_experiment *x, FILE *out, int is_colour)
{
	const char *name = ex_verdicts[x->verdict].name;
	fprintf(out, "%s%s%s%s%s: %s\n", is_colour ? mood(x->verdict) : "", name, is_colour ? "\033[0m" : "",
		x->status == EX_STATUS_NONE ? "" : ", ", x->status == EX_STATUS_NONE ? "" : ex_status_text(x->status),
		x->cause);
	if (x->verdict == EX_VERDICT_HEALTHY) {
		for (unsigned i = 0; i < x->evidence_count; i++) /* "runs" is what the cause says */
			if (strcmp(x->evidence[i].id, "runs") != 0)
				fprintf(out, "  - %s\n", x->evidence[i].text);
		fprintf(out, "all runs: %s\n", x->bench.dir);
		return;
	}
	heading(out, "evidence", is_colour);
	for (unsigned i = 0; i < x->evidence_count;
	     i++) /* a frame of a stack that the line before begins is set in by two blanks */
		fprintf(out, "  %s %s\n", *x->evidence[i].text == ' ' ? " " : "-", x->evidence[i].text);
	print_stack(x, out, is_colour);
	print_arms(x, out, is_colour);
	if (x->findings.excluded_count) {
		heading(out, "excluded", is_colour);
		for (unsigned i = 0; i < x->findings.excluded_count; i++)
			fprintf(out, "  - %s: %s\n", ex_verdicts[x->findings.excluded[i].verdict].name,
				x->findings.excluded[i].why);
	}
	if (!ex_arm_counted(x->arms[0])) {
		fprintf(out, "\nall runs: %s\n", x->bench.dir);
		return;
	}
	heading(out, "what to do", is_colour);
	print_list(x->advice, out);
	if (x->run && x->run->ending.dir)
		fprintf(out, "\nthe run above in detail: %s report %s\nall runs: %s\n", ex_experiment_quoted(x->exeunt),
			ex_experiment_quoted(x->run->ending.dir), x->bench.dir);
}
