/*
 * experiment_host.c: the arms of host-mapping-exhaustion, and what they showed. See experiment.h.
 *
 * One thread at a time makes its turns longer, so it needs fewer mappings: a program may live with serialize=growth, and a race
 * would seem proved. diagnose cannot enlarge the user's program; it uses up mappings of the host first (ballast), as many as leave
 * well less than serialized growth needs and well more than growth in steps does. Where the program dies with serialize=growth
 * alone, that is the control by itself.
 */
#include "experiment.h"

#include "host.h"
#include "text.h"

#include <math.h>
#include <string.h>

#define STEPS "grow-step=2M"
#define SERIAL "serialize=growth"
#define LOOKS 3 /* runs by which the ballast is chosen */
#define OTHERS                                                                                                         \
	500 /* mappings that no growth tells of: stacks, libraries, the sandbox's own (49 were seen), code of a JIT */
#define APART 4 /* the least that serialized growth must need more than growth in steps, to be told apart */

/* of the judged process of a run; 0: not known */
static uint64_t mappings(const struct ex_run *run)
{
	struct ex_host host;
	if (!run->processes || !run->processes->judged)
		return 0;
	ex_host_find(&host, run->processes->judged);
	return host.least;
}

/* of the arm's runs that count; is_most: the largest, else the smallest */
static uint64_t extreme(const struct ex_arm *arm, int is_most)
{
	uint64_t best = 0;
	for (unsigned i = 0; i < arm->count; i++) {
		uint64_t one = ex_run_counts(arm, &arm->runs[i]) ? mappings(&arm->runs[i]) : 0;
		if (one && (!best || (is_most ? one > best : one < best)))
			best = one;
	}
	return best;
}

/* some runs of these arms and none of the baseline: what they show says which arms there will be */
static void look(struct ex_experiment *x, unsigned first)
{
	unsigned wanted = x->arms[0]->wanted;
	x->arms[0]->wanted = x->arms[0]->count;
	for (unsigned a = first; a < x->arm_count; a++)
		x->arms[a]->wanted = LOOKS < x->runs_wanted ? LOOKS : x->runs_wanted;
	ex_experiment_run(x, first);
	x->arms[0]->wanted = wanted;
}

/* 0: none that would tell anything */
static uint64_t ballast(const struct ex_candidate *c, uint64_t serial, uint64_t steps)
{
	uint64_t least = steps + OTHERS;
	if (!serial || !steps || serial < least * APART)
		return 0;
	uint64_t left = (uint64_t)sqrt((double)least * (double)serial);
	return left < c->limit ? (c->limit - left) / 100 * 100 : 0;
}

void ex_experiment_plan_host(struct ex_experiment *x, const struct ex_candidate *c)
{
	unsigned first = x->arm_count;
	struct ex_arm *steps = ex_experiment_arm(x, &(struct ex_arm){.name = "step",
								     .role = EX_ROLE_CONFIRM,
								     .treatment = STEPS,
								     .treated = EX_TREATED_ACCEPTED});
	struct ex_arm *serial = ex_experiment_arm(x, &(struct ex_arm){.name = "serialize",
								      .role = EX_ROLE_EXPLORE,
								      .treatment = SERIAL,
								      .treated = EX_TREATED_ACCEPTED});
	look(x, first);
	steps->wanted = x->runs_wanted;
	ex_experiment_arm(x, &(struct ex_arm){.name = "rescue",
					      .role = EX_ROLE_CONFIRM,
					      .treatment = "rescue=yes",
					      .treated = EX_TREATED_ACCEPTED});
	/* with none that counts there is a control that was not done, which leaves it likely */
	if (ex_arm_bad(serial) == ex_arm_counted(serial)) {
		serial->role = EX_ROLE_CONTROL;
		serial->wanted = x->runs_wanted;
		return;
	}
	uint64_t count = ballast(c, extreme(serial, 0), extreme(steps, 1));
	if (!count)
		return;
	ex_experiment_arm(x, &(struct ex_arm){.name = "ballast",
					      .role = EX_ROLE_CONTROL,
					      .treatment = ex_format(SERIAL " ballast=%llu", (unsigned long long)count),
					      .treated = EX_TREATED_BALLAST});
	/* the ballast alone must not be what kills */
	ex_experiment_arm(x, &(struct ex_arm){.name = "both",
					      .role = EX_ROLE_CONFIRM,
					      .treatment = ex_format(STEPS " ballast=%llu", (unsigned long long)count),
					      .treated = EX_TREATED_BALLAST});
}

static const struct ex_arm *arm_of(const struct ex_experiment *x, unsigned first, const char *treatment)
{
	for (unsigned a = first; a < x->arm_count; a++)
		if (!strncmp(x->arms[a]->treatment, treatment, strlen(treatment)))
			return x->arms[a];
	return NULL;
}

static const struct ex_arm *control_of(const struct ex_experiment *x, unsigned first)
{
	for (unsigned a = first; a < x->arm_count; a++)
		if (x->arms[a]->role == EX_ROLE_CONTROL)
			return x->arms[a];
	return NULL;
}

void ex_experiment_tell_host(struct ex_experiment *x, unsigned first)
{
	const struct ex_arm *serial = arm_of(x, first, SERIAL), *steps = arm_of(x, first, STEPS);
	const struct ex_arm *control = control_of(x, first);
	unsigned runs = ex_arm_counted(serial), bad = ex_arm_bad(serial);
	if (steps && ex_arm_counted(steps))
		ex_experiment_evidence(x, "steps",
				       ex_format("with " STEPS " it took at most %llu host mappings",
						 (unsigned long long)extreme(steps, 1)));
	if (!control) {
		if (runs)
			ex_experiment_evidence(
				x, "serialize",
				ex_format("with " SERIAL " %u of %u runs ended badly, with at least %llu "
					  "host mappings: too near to those of growth in steps for a ballast "
					  "between them, so a race between threads that grow is not refuted",
					  bad, runs, (unsigned long long)extreme(serial, 0)));
		return;
	}
	unsigned control_bad = ex_arm_bad(control), control_runs = ex_arm_counted(control);
	if (!control_runs || control_bad < control_runs)
		return;
	if (control == serial) {
		ex_experiment_evidence(x, "serialize",
				       ex_format("no race between threads that grow: one at a time (" SERIAL
						 "), all %u "
						 "runs ended badly all the same",
						 control_runs));
		return;
	}
	const struct ex_arm *both = x->arms[x->arm_count - 1]; /* planned last */
	int is_cured = both->role == EX_ROLE_CONFIRM && ex_arm_counted(both) && !ex_arm_bad(both);
	ex_experiment_evidence(
		x, "serialize",
		ex_format("no race between threads that grow: one at a time (" SERIAL ") %u of %u runs ended badly, "
			  "but that only makes each thread's turns longer, and takes %llu host mappings or more. With "
			  "fewer left (%s) all %u runs ended badly%s",
			  bad, runs, (unsigned long long)extreme(serial, 0), strchr(control->treatment, ' ') + 1,
			  control_runs, is_cured ? "; with as few left, and growth in steps, none did" : ""));
}
