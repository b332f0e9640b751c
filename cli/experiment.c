/*
 * experiment.c: see experiment.h. One thing at a time: all arms have the baseline's settings and one treatment.
 * Must never stop early because of what it saw, nor run more because of it.
 */
#include "experiment.h"

#include "say.h"
#include "text.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGREE_MAX 20 /* bad runs that are looked at closely: each takes a reading of its symbols */

static volatile sig_atomic_t stop_signal;

static void note_stop(int signo)
{
	stop_signal = signo;
}

/* while a command runs, launch.c takes these signals; this is for the moments in between */
static void catch_stops(void)
{
	static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	for (unsigned i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		struct sigaction old, action = {.sa_handler = note_stop, .sa_flags = SA_RESTART};
		if (!sigaction(stops[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(stops[i], &action, NULL);
	}
}

static int may_run(struct ex_experiment *x)
{
	if (stop_signal)
		x->bench.was_interrupted = stop_signal;
	if (x->bench.was_interrupted || x->failed)
		return 0;
	if (x->runs_done && ex_bench_left_s(&x->bench) <= 0)
		x->ran_out = 1;
	return !x->ran_out;
}

/* whether the arm has a run more. It has none where the disk is full or --setup fails; what was done still counts */
static int run_once(struct ex_experiment *x, struct ex_arm *arm)
{
	ex_progress("run %u of %u: %s%s%s", x->runs_done + 1, x->runs_planned, arm->name, *arm->treatment ? ", " : "",
		    arm->treatment);
	x->failed = ex_arm_run(arm, &x->bench);
	x->runs_done += !x->failed;
	return !x->failed;
}

static void examine(struct ex_findings *findings, struct ex_teardown *teardown, const struct ex_run *run)
{
	memset(teardown, 0, sizeof(*teardown));
	struct ex_facts facts = {run->processes, teardown, run->ending.timed_out, run->ending.interrupted,
				 run->profiles};
	static const struct ex_processes none;
	if (!run->processes)
		facts.processes = &none;
	else if (run->processes->judged)
		ex_teardown_build(teardown, run->processes->judged, ex_symbols_open(run->processes->judged, NULL));
	ex_rules_apply(findings, &facts);
}

/* baseline until a run is worth explaining: bad, or left without its profile for a reason that a rule knows */
static void seek(struct ex_experiment *x)
{
	struct ex_arm *baseline = x->arms[0];
	x->runs_planned = baseline->wanted;
	while (!x->run && baseline->count < baseline->wanted && may_run(x)) {
		if (!run_once(x, baseline))
			break;
		const struct ex_run *run = &baseline->runs[baseline->count - 1];
		int is_bad = ex_run_counts(run) && ex_run_is_bad(run, EX_MEASURE_OUTCOME);
		if (!is_bad && (!ex_run_counts(run) || !run->lost_profiles))
			continue;
		x->teardown = calloc(1, sizeof(*x->teardown));
		if (!x->teardown)
			abort();
		examine(&x->findings, x->teardown, run);
		if (!is_bad && !x->findings.count)
			continue;
		/* runs move when the arm grows */
		struct ex_run *kept = malloc(sizeof(*kept));
		if (!kept)
			abort();
		*kept = *run;
		x->run = kept;
	}
}

static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull; /* splitmix64: any seed is good, 0 too */
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* the given arms and what is left of the baseline, run by run in a drawn order */
static void run_interleaved(struct ex_experiment *x, unsigned first)
{
	unsigned total = 0, at = 0;
	for (unsigned a = 0; a < x->arm_count; a++)
		if (a == 0 || a >= first)
			total += x->arms[a]->wanted - x->arms[a]->count;
	struct ex_arm **order = calloc(total + 1, sizeof(*order));
	if (!order)
		abort();
	for (unsigned a = 0; a < x->arm_count; a++)
		for (unsigned n = x->arms[a]->count; (a == 0 || a >= first) && n < x->arms[a]->wanted; n++)
			order[at++] = x->arms[a];
	for (unsigned n = total; n > 1; n--) {
		unsigned other = (unsigned)(draw(&x->seed) % n);
		struct ex_arm *kept = order[n - 1];
		order[n - 1] = order[other];
		order[other] = kept;
	}
	x->runs_planned = x->runs_done + total;
	for (unsigned n = 0; n < total && may_run(x); n++)
		run_once(x, order[n]);
}

static struct ex_tally tally(const struct ex_arm *arm)
{
	return (struct ex_tally){arm->name, ex_arm_bad(arm), ex_arm_counted(arm)};
}

/* does every bad baseline run show the same, not only the one that the rules were asked about? */
static int all_agree(struct ex_experiment *x, const struct ex_candidate *c)
{
	const struct ex_arm *baseline = x->arms[0];
	unsigned same = 0, bad = 0;
	for (unsigned i = 0; i < baseline->count; i++) {
		const struct ex_run *run = &baseline->runs[i];
		struct ex_findings findings;
		struct ex_teardown teardown;
		if (!ex_run_counts(run) || !ex_run_is_bad(run, baseline->measure))
			continue;
		if (bad == AGREE_MAX)
			break;
		bad++;
		examine(&findings, &teardown, run);
		for (unsigned n = 0; n < findings.count; n++) {
			const struct ex_candidate *other = &findings.candidates[n];
			if (other->verdict == c->verdict &&
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
		if (ex_run_counts(&arm->runs[i]) && arm->runs[i].profiles >= 0)
			return 0;
	return 1;
}

/* runs the arms of one candidate and sets the verdict if it stands; else it goes to the excluded ones */
static void try_candidate(struct ex_experiment *x, const struct ex_candidate *c)
{
	unsigned first = x->arm_count, confirm_count = 0;
	struct ex_tally confirm[2], control_tally;
	struct ex_arm *control = NULL, *flush = NULL;
	int wants_control = 0;

	x->arms[0]->measure = c->verdict == EX_VERDICT_PROFILE_LOST ? EX_MEASURE_PROFILE : EX_MEASURE_OUTCOME;
	if (c->verdict == EX_VERDICT_PROFILE_AFTER_TEARDOWN) {
		wants_control = 1;
		flush = ex_experiment_arm(x, "flush", EX_ROLE_CONFIRM, EX_MEASURE_OUTCOME_PROFILE,
					  ex_format("flush=before:%s", c->handler_name));
		ex_experiment_arm(x, "skip", EX_ROLE_CONFIRM, EX_MEASURE_OUTCOME,
				  ex_format("skip=%s", c->handler_name));
		/* no other handler to leave out: then the same treatment at the wrong time must change nothing */
		control = ex_experiment_arm(x, c->sham ? "sham" : "late", EX_ROLE_CONTROL, EX_MEASURE_OUTCOME,
					    c->sham ? ex_format("skip=%s", c->sham_name)
						    : ex_format("flush=after:%s", c->handler_name));
	} else if (c->verdict == EX_VERDICT_PROFILE_LOST && !c->by_signal) {
		flush = ex_experiment_arm(x, "flush", EX_ROLE_CONFIRM, EX_MEASURE_PROFILE, "flush=exit");
	}
	run_interleaved(x, first);
	for (unsigned a = first; a < x->arm_count; a++)
		if (x->arms[a]->role == EX_ROLE_CONFIRM)
			confirm[confirm_count++] = tally(x->arms[a]);
	struct ex_tally baseline = tally(x->arms[0]);
	control_tally = control ? tally(control) : (struct ex_tally){"control", 0, 0};
	struct ex_decision decision =
		ex_decide(&baseline, confirm, confirm_count, wants_control ? &control_tally : NULL);
	if (decision.status == EX_STATUS_REFUTED) {
		ex_rules_exclude(&x->findings, c->verdict,
				 c->handler_name ? ex_format("handler %s: %s", c->handler_name, decision.why)
						 : decision.why);
		return;
	}
	x->verdict = c->verdict;
	x->status = decision.status;
	x->candidate = c;
	x->cause = c->cause ? c->cause : ex_verdicts[c->verdict].cause;
	for (unsigned i = 0; i < c->evidence_count; i++)
		ex_experiment_evidence(x, c->evidence[i].id, c->evidence[i].text);
	int agree = all_agree(x, c);
	const char *missing = decision.why;
	if (c->verdict == EX_VERDICT_PROFILE_LOST && c->by_signal)
		missing = "no treatment can write a profile in a process that is killed";
	else if (!confirm_count)
		missing = "no treatment of this version can confirm it";
	else if (x->ran_out && missing)
		missing = ex_format("the budget ran out: %s", missing);
	else if (x->failed && missing)
		missing = ex_format("the runs could not go on: %s", missing);
	else if (!missing && !agree)
		missing = "not every bad run of the baseline shows this";
	else if (!missing && flush && is_profile_unchecked(flush))
		missing = "it is not known where the profile of the flushed runs went, so it was not checked";
	if (missing) {
		x->status = EX_STATUS_LIKELY;
		ex_experiment_evidence(x, "not-confirmed", ex_format("not confirmed: %s", missing));
	} else {
		ex_experiment_evidence(x, "statistics",
				       ex_format("the confirming arms differ from the untreated runs with p = %.2g at "
						 "most (Fisher's exact test, Holm)",
						 decision.p));
	}
}

/* what made it shorter than asked for */
static void tell_the_end(struct ex_experiment *x)
{
	if (x->bench.was_interrupted)
		ex_experiment_evidence(x, "interrupted", "interrupted: only the runs done so far are counted");
	else if (x->failed)
		ex_experiment_evidence(x, "failed",
				       ex_format("a run could not be made, as said on standard error: only the %u done "
						 "before are counted",
						 x->runs_done));
	else if (x->ran_out)
		ex_experiment_evidence(x, "budget",
				       ex_format("the budget ran out after %u of %u runs", x->runs_done,
						 x->runs_planned));
}

void ex_experiment_do(struct ex_experiment *x)
{
	uint64_t seed = x->seed;
	catch_stops();
	ex_experiment_arm(x, "baseline", EX_ROLE_BASELINE, EX_MEASURE_OUTCOME, "");
	seek(x);
	x->arms[0]->repeat = ex_experiment_repeat(x, x->settings);
	x->verdict = EX_VERDICT_UNKNOWN;
	for (unsigned i = 0; x->run && i < x->findings.count && !x->candidate; i++)
		try_candidate(x, &x->findings.candidates[i]);
	/* how often it happens is worth knowing without a cause too; each hang would cost a whole --timeout */
	if (x->run && !x->candidate && x->run->outcome != EX_OUTCOME_HANG)
		run_interleaved(x, x->arm_count);
	ex_progress(NULL);
	if (!x->bench.first)
		return;
	if (!x->candidate)
		ex_experiment_conclude(x);
	if (x->arm_count > 1)
		ex_experiment_evidence(x, "experiment",
				       ex_format("%u runs, arms interleaved in an order drawn with seed %llu",
						 x->runs_done, (unsigned long long)seed));
	tell_the_end(x);
	if (!x->run)
		x->run = x->bench.first;
	x->seed = seed;
}
