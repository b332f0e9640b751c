/*
 * experiment_try.c: one candidate cause put to the test: its arms are run, and it becomes the verdict or is excluded. See
 * experiment.h.
 */
#include "experiment.h"

#include "foreign.h"
#include "memlimit.h"
#include "mend.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define AGREE_MAX 20 /* bad runs that are looked at closely: each takes a reading of its symbols */
#define ALPHA 0.05

static struct ex_tally tally(const struct ex_arm *arm)
{
	return (struct ex_tally){arm->name, ex_arm_bad(arm), ex_arm_counted(arm)};
}

/* one that the cause has to explain: by its outcome, where all untreated runs are alike to the arm's measure */
static int is_explained(const struct ex_arm *baseline, const struct ex_run *run)
{
	int is_alike = baseline->measure == EX_MEASURE_STALE || baseline->measure == EX_MEASURE_AGAIN ||
		       baseline->measure == EX_MEASURE_GUARD || baseline->measure == EX_MEASURE_STRAY ||
		       baseline->measure == EX_MEASURE_STACK;
	return is_alike ? ex_run_ended_badly(run) : ex_run_is_bad(baseline, run);
}

/* does every bad baseline run show the same, not only the one that the rules were asked about? */
static int all_agree(struct ex_experiment *x, const struct ex_candidate *c)
{
	const struct ex_arm *baseline = x->arms[0];
	unsigned same = 0, bad = 0;
	/* an untreated run shows what came of it */
	enum ex_verdict wanted = c->verdict == EX_VERDICT_STRAY_KERNEL_WRITE ? EX_VERDICT_WILD_ADDRESS : c->verdict;
	if (baseline->measure == EX_MEASURE_GUARD) /* an untreated run shows nothing of it */
		return 1;
	for (unsigned i = 0; i < baseline->count; i++) {
		const struct ex_run *run = &baseline->runs[i];
		struct ex_findings findings;
		struct ex_teardown teardown;
		if (!ex_run_counts(baseline, run) || !is_explained(baseline, run))
			continue;
		if (bad == AGREE_MAX)
			break;
		bad++;
		ex_experiment_examine(&findings, &teardown, run);
		for (unsigned n = 0; n < findings.count; n++) {
			const struct ex_candidate *other = &findings.candidates[n];
			if (other->verdict == wanted &&
			    (!c->handler_name || !strcmp(other->handler_name, c->handler_name))) {
				same++;
				break;
			}
		}
	}
	ex_experiment_evidence(x, "agreement",
			       ex_format("%u of the first %u bad baseline runs show the same", same, bad));
	return same == bad;
}

static int is_profile_unchecked(const struct ex_arm *arm)
{
	for (unsigned i = 0; i < arm->count; i++)
		if (ex_run_counts(arm, &arm->runs[i]) && arm->runs[i].profiles >= 0)
			return 0;
	return 1;
}

/* the first confirming arm, NULL */
static const struct ex_arm *confirming(const struct ex_experiment *x, unsigned first)
{
	for (unsigned a = first; a < x->arm_count; a++)
		if (x->arms[a]->role == EX_ROLE_CONFIRM)
			return x->arms[a];
	return NULL;
}

static int never_took_place(const struct ex_arm *arm)
{
	return arm && arm->count && !ex_arm_counted(arm);
}

/*
 * Contention comes and goes by chance, so there is no share that is known beforehand to be too much. Untreated runs must
 * all be contended, and a cure is one that leaves less than half of what the least of them had. Had the treatment no
 * effect, all its runs would be below all untreated ones as seldom as Fisher's test says, and below half of them less.
 * Why it is no verdict, NULL
 */
static const char *weigh_contention(struct ex_experiment *x, unsigned first)
{
	const struct ex_arm *baseline = x->arms[0];
	double least = 1;
	unsigned bad = 0, counted = ex_arm_counted(baseline);
	for (unsigned i = 0; i < baseline->count; i++) {
		const struct ex_run *run = &baseline->runs[i];
		if (ex_run_ended_badly(run))
			return "a run ended badly, which is the thing to look into";
		if (!ex_run_counts(baseline, run))
			continue;
		bad += ex_contention_reaches(&run->contention, EX_CONTENTION_SHARE) != 0;
		if (run->contention.share < least)
			least = run->contention.share;
	}
	if (bad < counted)
		return ex_format("in %u of %u runs only", bad, counted);
	for (unsigned a = 0; a < x->arm_count; a++)
		if (a == 0 || a >= first)
			x->arms[a]->share = least / 2;
	return NULL;
}

static int by_number(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

/* of the runs that count, of any: how long the command took */
static double median_s(const struct ex_arm *arm)
{
	double *seconds = calloc(arm->count + 1, sizeof(*seconds));
	unsigned count = 0;
	if (!seconds)
		abort();
	for (unsigned i = 0; i < arm->count; i++)
		if (ex_run_counts(arm, &arm->runs[i]))
			seconds[count++] = arm->runs[i].ending.seconds;
	if (count)
		qsort(seconds, count, sizeof(*seconds), by_number);
	double median = count ? (seconds[(count - 1) / 2] + seconds[count / 2]) / 2 : 0;
	free(seconds);
	return median;
}

/* fewer waits need not be faster: who waited for a lock may then wait for a processor, or for pages. For people, and
 * nothing rests on it */
static void tell_time(struct ex_experiment *x, const struct ex_arm *arm)
{
	if (arm && ex_arm_counted(arm))
		ex_experiment_evidence(x, "time",
				       ex_format("a run took %.2f s, with %s %.2f s (medians)", median_s(x->arms[0]),
						 arm->treatment, median_s(arm)));
}

static struct ex_decision decide(const struct ex_experiment *x, const struct ex_candidate *c, unsigned first)
{
	struct ex_tally baseline = tally(x->arms[0]), control = {"control", 0, 0}, confirm[EX_EXPERIMENT_ARMS_MAX];
	unsigned count = 0;
	for (unsigned a = first; a < x->arm_count; a++)
		if (x->arms[a]->role == EX_ROLE_CONFIRM)
			confirm[count++] = tally(x->arms[a]);
		else if (x->arms[a]->role == EX_ROLE_CONTROL)
			control = tally(x->arms[a]);
	return ex_decide(&baseline, confirm, count, *ex_verdicts[c->verdict].control ? &control : NULL);
}

/* why the candidate is no verdict after its arms, NULL when it stands */
static const char *refutation(const struct ex_experiment *x, const struct ex_candidate *c, unsigned first,
			      const struct ex_decision *decision)
{
	if (decision->status == EX_STATUS_REFUTED)
		return c->handler_name ? ex_format("handler %s: %s", c->handler_name, decision->why) : decision->why;
	if (c->verdict == EX_VERDICT_FOREIGN_FREE && never_took_place(confirming(x, first)))
		return "no run with free=own saw the call at which it died given a block of another module's memory";
	if (c->doubt && c->verdict != EX_VERDICT_GROWTH_REFUSED && decision->p >= ALPHA)
		return ex_format("%s, and the arms do not show otherwise: %s", c->doubt, decision->why);
	if (c->doubt && never_took_place(confirming(x, first)))
		return ex_format("it may have been lived through (%s), and no arm could grant the memory", c->doubt);
	if (c->doubt && decision->p >= ALPHA)
		return ex_format("it may have been lived through (%s), and the arms do not show otherwise: %s",
				 c->doubt, decision->why);
	return NULL;
}

/* the block that a run of the arm came upon, and who had got its memory */
static void tell_foreign(struct ex_experiment *x, const struct ex_arm *arm)
{
	for (unsigned i = 0; arm && i < arm->count; i++) {
		struct ex_foreign f;
		if (!ex_run_counts(arm, &arm->runs[i]) || !ex_foreign_find(&f, arm->runs[i].processes, arm->amount))
			continue;
		const struct ex_ev_growth *got = EX_EVENT(f.mapping, growth);
		ex_experiment_evidence(
			x, "foreign",
			ex_format("with free=own (run %u) that call was given the block 0x%llx and %s would have freed "
				  "it; it lies in 0x%llx-0x%llx, memory that %s had got (%s)",
				  arm->runs[i].n, (unsigned long long)EX_EVENT(f.event, foreign)->block, f.frees->path,
				  (unsigned long long)got->begin, (unsigned long long)(got->begin + got->bytes),
				  f.gave->path, EX_KIND_TEXT(memory_call, got->call)));
		return;
	}
}

/* what is missing to confirm it, NULL */
static const char *missing(const struct ex_experiment *x, const struct ex_candidate *c, unsigned first,
			   const struct ex_arm *flush, const struct ex_decision *decision, int agree)
{
	const struct ex_arm *confirm = confirming(x, first);
	if (c->verdict == EX_VERDICT_PROFILE_LOST && c->cannot_salvage)
		return "no treatment can write a profile at the end of a process that is killed";
	if (!confirm)
		return "no treatment of this version can confirm it";
	if (c->verdict == EX_VERDICT_GROWTH_REFUSED && never_took_place(confirm))
		return "memory was refused with raised limits too: the limit is a hard one, or none of ulimit -v and "
		       "-d";
	if (c->verdict == EX_VERDICT_ARENA_CONTENTION && never_took_place(confirm))
		return ex_format("no run had more arenas with %s, so nothing was tried", confirm->treatment);
	if (x->ran_out && decision->why)
		return ex_format("the budget ran out: %s", decision->why);
	if (x->failed && decision->why)
		return ex_format("the runs could not go on: %s", decision->why);
	if (decision->why)
		return decision->why;
	if (!agree)
		return "not every bad run of the baseline shows this";
	if (flush && is_profile_unchecked(flush))
		return "it is not known where the profile of the treated runs went, so it was not checked";
	return NULL;
}

void ex_experiment_try(struct ex_experiment *x, const struct ex_candidate *c)
{
	unsigned first = x->arm_count;
	const struct ex_arm *flush = ex_experiment_plan(x, c);
	ex_experiment_plan_stale(x, c);
	ex_experiment_run(x, first);
	const char *why = c->verdict == EX_VERDICT_ARENA_CONTENTION ? weigh_contention(x, first) : NULL;
	struct ex_decision decision = decide(x, c, first);
	if (!why)
		why = refutation(x, c, first, &decision);
	if (why) {
		ex_rules_exclude(&x->findings, c->verdict, why);
		return;
	}
	x->verdict = c->verdict;
	x->status = decision.status;
	x->candidate = c;
	x->cause = c->cause ? c->cause : ex_verdicts[c->verdict].cause;
	for (unsigned i = 0; i < c->evidence_count; i++)
		ex_experiment_evidence(x, c->evidence[i].id, c->evidence[i].text);
	if (c->verdict == EX_VERDICT_ARENA_CONTENTION) {
		x->findings.excluded_count = 0; /* nothing went wrong, so there is nothing else that it could be */
		tell_time(x, confirming(x, first));
	}
	const char *limits = c->verdict == EX_VERDICT_GROWTH_REFUSED ? ex_memlimit_text() : NULL;
	if (limits)
		ex_experiment_evidence(x, "limits", ex_format("limits that the command was started with: %s", limits));
	if (c->verdict == EX_VERDICT_FOREIGN_FREE)
		tell_foreign(x, confirming(x, first));
	if (c->verdict == EX_VERDICT_MIXED_PROFILE_LAYOUTS)
		ex_experiment_tell_mixed(x, c, first);
	if (c->verdict == EX_VERDICT_HOST_MAPPING_EXHAUSTION) {
		ex_experiment_tell_host(x, first);
		tell_time(x, confirming(x, first));
	}
	if (c->verdict == EX_VERDICT_DANGLING_CODE && c->doubt)
		ex_experiment_tell_code(x, first);
	if (c->verdict == EX_VERDICT_STACK_OVERFLOW)
		ex_experiment_tell_stack(x, c, first);
	if (c->verdict == EX_VERDICT_DOUBLE_UNMAP)
		ex_experiment_tell_unmap(x, first);
	if (x->arms[0]->measure == EX_MEASURE_GUARD)
		ex_experiment_tell_blocks(x, first);
	if (c->verdict == EX_VERDICT_STRAY_KERNEL_WRITE)
		ex_experiment_tell_word(x, first);
	if (c->verdict == EX_VERDICT_PROFILE_LOST)
		x->advice = ex_mend_lost(c);
	ex_experiment_tell_stale(x, c, first);
	int agree = all_agree(x, c);
	why = missing(x, c, first, flush, &decision, agree);
	if (why) {
		x->status = EX_STATUS_LIKELY;
		ex_experiment_evidence(x, "not-confirmed", ex_format("not confirmed: %s", why));
	} else {
		ex_experiment_evidence(x, "statistics",
				       ex_format("the confirming arms differ from the untreated runs with p = %.2g at "
						 "most (Fisher's exact test, Holm)",
						 decision.p));
	}
}
