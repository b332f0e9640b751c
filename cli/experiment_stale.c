/*
 * experiment_stale.c: damaged profiles of earlier runs, which lie where the program merges its own into: its runtime then
 * gives up and writes nothing, and never comes as far as a crash in the writer. All runs begin without them; an arm finds
 * copies of them in their place. See experiment.h.
 */
#include "experiment.h"

#include "text.h"

#include <stdlib.h>

/* "a.profraw, b.profraw", NULL */
static const char *stale_files(const struct ex_experiment *x)
{
	const char *text = NULL;
	const char *const *path = ex_profraw_place_stale(x->bench.place);
	for (; path && *path; path++)
		text = text ? ex_format("%s, %s", text, *path) : *path;
	return text;
}

static struct ex_arm *stale_arm(struct ex_experiment *x, enum ex_measure measure)
{
	return ex_experiment_arm(x, &(struct ex_arm){.name = "stale",
						     .role = EX_ROLE_EXPLORE,
						     .measure = measure,
						     .treatment = "",
						     .is_stale = 1});
}

void ex_experiment_plan_stale(struct ex_experiment *x, const struct ex_candidate *c)
{
	int is_writers = c->verdict == EX_VERDICT_PROFILE_AFTER_TEARDOWN ||
			 (c->verdict == EX_VERDICT_MIXED_PROFILE_LAYOUTS && c->mixed == EX_MIXED_WRITING);
	if (is_writers && stale_files(x))
		stale_arm(x, EX_MEASURE_OUTCOME);
}

void ex_experiment_tell_stale(struct ex_experiment *x, const struct ex_candidate *c, unsigned first)
{
	const char *files = stale_files(x);
	int is_about_profiles = c->verdict == EX_VERDICT_PROFILE_AFTER_TEARDOWN ||
				c->verdict == EX_VERDICT_PROFILE_LOST || c->verdict == EX_VERDICT_MIXED_PROFILE_LAYOUTS;
	if (!files || !is_about_profiles)
		return;
	const char *what = ": if it is of this very program, nothing can be merged into it";
	for (unsigned a = first; a < x->arm_count; a++) {
		const struct ex_arm *arm = x->arms[a];
		unsigned counted = ex_arm_counted(arm), bad = ex_arm_bad(arm);
		if (!arm->is_stale || !counted)
			continue;
		what = ex_format("; with a copy of it in its place %u of %u runs ended badly%s", bad, counted,
				 bad ? "" : ": it masks the crash");
		if (!bad)
			x->advice =
				ex_format("%s\nand delete %s: nothing can be merged into it, and it masks the crash",
					  x->advice ? x->advice : ex_verdicts[c->verdict].advice, files);
	}
	ex_experiment_evidence(x, "stale",
			       ex_format("a damaged profile of an earlier run lies where the program writes, %s%s",
					 files, what));
}

static int has_whole_profiles(const struct ex_arm *arm)
{
	for (unsigned i = 0; i < arm->count; i++)
		if (ex_run_counts(arm, &arm->runs[i]) &&
		    (arm->runs[i].profiles <= 0 || ex_run_ended_badly(&arm->runs[i])))
			return 0;
	return ex_arm_counted(arm) > 0;
}

void ex_experiment_try_stale(struct ex_experiment *x)
{
	static const struct ex_candidate stale = {.verdict = EX_VERDICT_PROFILE_LOST};
	const char *files = stale_files(x);
	struct ex_arm *fresh = x->arms[0];
	if (!files || !has_whole_profiles(fresh))
		return;
	const struct ex_arm *arm = stale_arm(x, EX_MEASURE_PROFILE);
	fresh->measure = EX_MEASURE_PROFILE;
	ex_experiment_run(x, x->arm_count - 1);
	struct ex_tally untreated = {"stale", ex_arm_bad(arm), ex_arm_counted(arm)};
	struct ex_tally cured = {"baseline", ex_arm_bad(fresh), ex_arm_counted(fresh)};
	struct ex_decision decision = ex_decide(&untreated, &cured, 1, NULL);
	if (!untreated.bad || decision.status == EX_STATUS_REFUTED) {
		fresh->measure = EX_MEASURE_OUTCOME;
		return;
	}
	x->verdict = EX_VERDICT_PROFILE_LOST;
	x->status = decision.status;
	x->candidate = &stale;
	x->run = x->bench.first;
	x->cause = "A damaged profile of an earlier run lies where this one is to be merged into (%m), so the profile "
		   "runtime wrote nothing.";
	x->advice = ex_format("delete it: rm %s\n"
			      "or set LLVM_PROFILE_FILE to another name or folder",
			      files);
	ex_experiment_evidence(x, "stale",
			       ex_format("%s is no whole profile; with a copy of it in its place %u of %u runs left "
					 "no whole profile, and without %u of %u",
					 files, untreated.bad, untreated.runs, cured.bad, cured.runs));
	ex_experiment_evidence(x, decision.why ? "not-confirmed" : "statistics",
			       decision.why
				       ? ex_format("not confirmed: %s", decision.why)
				       : ex_format("runs with it and without it differ with p = %.2g (Fisher's exact "
						   "test)",
						   decision.p));
}
