/*
 * experiment_code.c: what keep=exec showed of dangling-code. See experiment.h. An untreated run may have died anywhere, or of
 * nothing: what a kept run died of is the use itself, with who gave the code back and who called it.
 */
#include "experiment.h"

#include "dead_code.h"
#include "text.h"

static const struct ex_run *stale_run(const struct ex_arm *arm)
{
	for (unsigned i = 0; i < arm->count; i++)
		if (ex_run_counts(arm, &arm->runs[i]) && !ex_run_is_bad(arm, &arm->runs[i]))
			return &arm->runs[i];
	return NULL;
}

void ex_experiment_tell_code(struct ex_experiment *x, unsigned first)
{
	for (unsigned a = first; a < x->arm_count; a++) {
		const struct ex_arm *arm = x->arms[a];
		const struct ex_run *run = arm->role == EX_ROLE_CONFIRM ? stale_run(arm) : NULL;
		struct ex_findings findings;
		struct ex_teardown teardown;
		if (!run)
			continue;
		ex_experiment_evidence(x, "stale",
				       ex_format("with %s %u of %u runs died where they called code that was gone",
						 arm->treatment, ex_arm_counted(arm) - ex_arm_bad(arm),
						 ex_arm_counted(arm)));
		ex_experiment_examine(&findings, &teardown, run);
		for (unsigned n = 0; n < findings.count; n++) {
			const struct ex_candidate *c = &findings.candidates[n];
			if (c->verdict != EX_VERDICT_DANGLING_CODE)
				continue;
			if (c->cause)
				x->cause = c->cause;
			for (unsigned i = 0; i < c->evidence_count; i++)
				ex_experiment_evidence(x, c->evidence[i].id,
						       ex_format("run %u of that arm: %s", run->n,
								 c->evidence[i].text));
		}
	}
}
