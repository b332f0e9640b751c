/*
 * experiment_mixed.c: the arms of mixed-profile-layouts, and what they showed. Salvage must cure; an early flush must not,
 * since no exit handler is the cause; where it dies before the writer's turn, value-profile=off alone must move the death
 * to the writer. See experiment.h.
 */
#include "experiment.h"

#include "mend.h"
#include "profiles.h"
#include "text.h"

#include <string.h>
#include <unistd.h>

#define LOOKED_AT_MAX 20 /* runs of an arm: each takes a reading of its symbols */

/* the candidate that the rules find in a run, NULL */
static const struct ex_candidate *mixed_in(const struct ex_run *run, struct ex_findings *findings,
					   struct ex_teardown *teardown)
{
	ex_experiment_examine(findings, teardown, run);
	for (unsigned i = 0; i < findings->count; i++)
		if (findings->candidates[i].verdict == EX_VERDICT_MIXED_PROFILE_LAYOUTS)
			return &findings->candidates[i];
	return NULL;
}

struct ex_arm *ex_experiment_plan_mixed(struct ex_experiment *x, const struct ex_candidate *c)
{
	int is_early = c->mixed == EX_MIXED_RECORDING, is_silent = c->mixed == EX_MIXED_NOTHING;
	const char *values = c->recorders ? ex_format("value-profile=off,%s", c->recorders) : "value-profile=off";
	enum ex_measure measure = is_silent ? EX_MEASURE_PROFILE : EX_MEASURE_OUTCOME;

	x->arms[0]->measure = measure;
	x->arms[0]->wants_all = 1;
	struct ex_arm *salvage =
		ex_experiment_arm(x, &(struct ex_arm){.name = "salvage",
						      .role = EX_ROLE_CONFIRM,
						      .measure = is_silent ? EX_MEASURE_PROFILE
									   : EX_MEASURE_OUTCOME_PROFILE,
						      .treatment = is_early ? ex_format("%s salvage=yes", values)
									    : "salvage=yes",
						      .treated = is_early ? EX_TREATED_RETURNS : EX_TREATED_SALVAGED});
	if (is_early)
		ex_experiment_arm(x, &(struct ex_arm){.name = "values",
						      .role = EX_ROLE_EXPLORE,
						      .measure = measure,
						      .treatment = values,
						      .treated = EX_TREATED_RETURNS});
	/* where it dies before main's end, the flush never comes */
	ex_experiment_arm(x, &(struct ex_arm){.name = "flush",
					      .role = EX_ROLE_CONTROL,
					      .measure = measure,
					      .wants_all = 1,
					      .treatment = "flush=main-end",
					      .treated = is_early ? EX_TREATED_ACCEPTED : EX_TREATED_FLUSHED});
	return salvage;
}

/* of an arm's runs that count, those looked at, and those in which it died while the profile was written, early or not */
static unsigned died_writing(const struct ex_arm *arm, int early, unsigned *looked_at)
{
	unsigned died = 0;
	*looked_at = 0;
	for (unsigned i = 0; i < arm->count && *looked_at < LOOKED_AT_MAX; i++) {
		struct ex_findings findings;
		struct ex_teardown teardown;
		if (!ex_run_counts(arm, &arm->runs[i]))
			continue;
		++*looked_at;
		const struct ex_candidate *c = mixed_in(&arm->runs[i], &findings, &teardown);
		died += c && c->mixed == EX_MIXED_WRITING && (teardown.crashed_in_flush || !early);
	}
	return died;
}

/* where it is now: the run's own folder has what was written to a place that was known before */
static const char *file_of(const struct ex_run *run, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *moved = ex_format("%s/profile/%s", run->dir, slash ? slash + 1 : path);
	return access(moved, F_OK) ? path : moved;
}

static void tell_salvage(struct ex_experiment *x, const struct ex_arm *arm)
{
	for (unsigned i = 0; i < arm->count; i++) {
		const char *path = NULL;
		uint64_t files = 0, records = 0, converted = 0, left_out = 0, values = 0;
		const struct ex_run *run = &arm->runs[i];
		if (!ex_run_counts(arm, run))
			continue;
		for (size_t n = 0; n < run->processes->count; n++) {
			struct ex_profiles profiles;
			ex_profiles_build(&profiles, &run->processes->images[n]);
			for (size_t p = 0; p < profiles.count; p++) {
				if (!profiles.list[p].kept)
					continue;
				const struct ex_ev_salvaged *kept = EX_EVENT(profiles.list[p].kept, salvaged);
				files++;
				path = profiles.list[p].kept->tail[0].bytes;
				records += kept->records;
				converted += kept->converted;
				left_out += kept->left_out;
				values += kept->values;
			}
		}
		if (!files)
			continue;
		ex_experiment_evidence(
			x, "salvage",
			ex_format("with %s (run %u) %llu functions are in the profile, %llu of them out of records of "
				  "another layout, and %llu entries of value data: %s",
				  arm->treatment, run->n, (unsigned long long)records, (unsigned long long)converted,
				  (unsigned long long)values, file_of(run, path)));
		if (left_out)
			ex_experiment_evidence(x, "left-out",
					       ex_format("salvage left out %llu records, or value data of records, "
							 "that could not be read",
							 (unsigned long long)left_out));
		return;
	}
}

/* that an exit handler is the cause is what people think first: what speaks against it stands by that verdict */
static void refute_teardown(struct ex_experiment *x, unsigned died, unsigned looked_at)
{
	for (unsigned i = 0; i < x->findings.excluded_count; i++) {
		struct ex_exclusion *e = &x->findings.excluded[i];
		if (e->verdict == EX_VERDICT_PROFILE_AFTER_TEARDOWN)
			e->why = ex_format("%s; and with flush=main-end, before any exit handler, %u of %u runs died "
					   "in the writer all the same",
					   e->why, died, looked_at);
	}
}

void ex_experiment_tell_mixed(struct ex_experiment *x, const struct ex_candidate *c, unsigned first)
{
	const char *settings = "salvage=yes";
	for (unsigned a = first; a < x->arm_count; a++) {
		const struct ex_arm *arm = x->arms[a];
		unsigned looked_at, died;
		if (arm->role == EX_ROLE_CONFIRM) {
			settings = arm->treatment;
			tell_salvage(x, arm);
		} else if (arm->role == EX_ROLE_CONTROL && c->mixed == EX_MIXED_WRITING) {
			died = died_writing(arm, 1, &looked_at);
			if (looked_at)
				ex_experiment_evidence(
					x, "flush",
					ex_format("with flush=main-end the writer ran before the first exit handler, "
						  "and %u of %u runs died in it: no exit handler is the cause",
						  died, looked_at));
			refute_teardown(x, died, looked_at);
		} else if (arm->role == EX_ROLE_EXPLORE && !arm->is_stale) {
			died = died_writing(arm, 0, &looked_at);
			if (looked_at)
				ex_experiment_evidence(x, "values",
						       ex_format("with %s alone %u of %u runs came as far as the "
								 "profile writer, and died there",
								 arm->treatment, died, looked_at));
		}
	}
	x->advice = ex_mend_advice(c->profile, settings);
}
