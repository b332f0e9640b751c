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

void ex_experiment_examine(struct ex_findings *findings, struct ex_teardown *teardown, const struct ex_run *run)
{
	memset(teardown, 0, sizeof(*teardown));
	struct ex_facts facts = {.processes = run->processes,
				 .is_bad = ex_run_ended_badly(run),
				 .contention = &run->contention,
				 .teardown = teardown,
				 .timed_out = run->ending.timed_out,
				 .interrupted = run->ending.interrupted,
				 .profiles = run->profiles,
				 .profiles_due = run->profiles_due,
				 .mismatch = run->mismatch};
	static const struct ex_processes none;
	if (!run->processes)
		facts.processes = &none;
	else if (run->processes->judged)
		ex_teardown_build(teardown, run->processes->judged, ex_symbols_open(run->processes->judged, NULL));
	ex_rules_apply(findings, &facts);
}

/* it ended badly, left without its profile, or its threads waited for each other */
static int may_be_explained(const struct ex_experiment *x, const struct ex_run *run)
{
	if (!ex_run_counts(x->arms[0], run))
		return 0;
	return ex_run_ended_badly(run) || run->lost_profiles || run->is_unwritten ||
	       (!x->is_contention_done && ex_contention_reaches(&run->contention, EX_CONTENTION_SHARE));
}

/* what was odd in a run that ended well, and why it is no verdict */
static void remember(struct ex_experiment *x, const struct ex_run *run)
{
	for (unsigned i = 0; i < x->findings.excluded_count; i++) {
		const struct ex_exclusion *e = &x->findings.excluded[i];
		if (e->verdict == EX_VERDICT_ARENA_CONTENTION)
			x->contention_why = e->why;
		if (e->verdict == EX_VERDICT_MIXED_PROFILE_LAYOUTS && run->is_unwritten)
			x->mixed_why = e->why;
		/* one that the program did not write by itself is worth more than any that it did */
		if (e->verdict == EX_VERDICT_PROFILE_LOST && run->lost_profiles &&
		    (!x->lost_why || strstr(x->lost_why, "by itself")))
			x->lost_why = e->why;
	}
}

/* runs move when the arm grows */
static void keep(struct ex_experiment *x, const struct ex_run *run)
{
	struct ex_run *kept = malloc(sizeof(*kept));
	if (!kept)
		abort();
	*kept = *run;
	x->run = kept;
}

/* baseline until a run is worth explaining: bad, or a rule knows a reason for what else is odd */
static void seek(struct ex_experiment *x)
{
	struct ex_arm *baseline = x->arms[0];
	while (!x->run) {
		if (x->sought == baseline->count &&
		    (baseline->count == baseline->wanted || !may_run(x) || !run_once(x, baseline)))
			return;
		const struct ex_run *run = &baseline->runs[x->sought++];
		if (!may_be_explained(x, run))
			continue;
		x->teardown = calloc(1, sizeof(*x->teardown));
		if (!x->teardown)
			abort();
		ex_experiment_examine(&x->findings, x->teardown, run);
		if (!ex_run_ended_badly(run) && !x->findings.count) {
			remember(x, run);
			continue;
		}
		keep(x, run);
	}
}

/* a run that ended well, to look at what only guarded runs show */
static void use(struct ex_experiment *x, const struct ex_run *run)
{
	x->teardown = calloc(1, sizeof(*x->teardown));
	if (!x->teardown)
		abort();
	ex_experiment_examine(&x->findings, x->teardown, run);
	x->findings.count = 0;
	keep(x, run);
}

static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull; /* splitmix64: any seed is good, 0 too */
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

void ex_experiment_run(struct ex_experiment *x, unsigned first)
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

struct ex_arm *ex_experiment_look(struct ex_experiment *x, const char *name, const char *treatment, unsigned runs)
{
	unsigned first = x->arm_count, wanted = x->arms[0]->wanted;
	struct ex_arm *arm = ex_experiment_arm(x, &(struct ex_arm){.name = name,
								   .role = EX_ROLE_EXPLORE,
								   .treatment = treatment,
								   .treated = EX_TREATED_ACCEPTED});
	x->arms[0]->wanted = x->arms[0]->count;
	arm->wanted = runs < x->runs_wanted ? runs : x->runs_wanted;
	ex_experiment_run(x, first);
	x->arms[0]->wanted = wanted;
	return arm;
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

/* the candidates of one run in order of precedence; whether there is nothing more to look for */
static int explain(struct ex_experiment *x)
{
	if (!x->run && x->looks_for_heap && !x->is_heap_done)
		use(x, x->bench.first);
	for (unsigned i = 0; x->run && !x->candidate; i++) {
		/* what only guarded runs can show has its place among the others */
		if (i == x->findings.count || x->findings.candidates[i].verdict > EX_VERDICT_DOUBLE_FREE)
			ex_experiment_look_blocks(x);
		if (i == x->findings.count || x->findings.candidates[i].verdict >= EX_VERDICT_WILD_ADDRESS)
			ex_experiment_look_word(x);
		if (i == x->findings.count)
			break;
		ex_experiment_try(x, &x->findings.candidates[i]);
	}
	x->arms[0]->measure = x->candidate ? x->arms[0]->measure : EX_MEASURE_OUTCOME;
	if (x->run && !x->candidate && x->looks_for_heap && !ex_run_ended_badly(x->run)) {
		x->run = NULL; /* nothing was found */
		return 1;
	}
	if (!x->run || x->candidate || ex_run_ended_badly(x->run) || x->run->lost_profiles || x->run->is_unwritten)
		return 1;
	/* threads wait, which is no verdict: look at all runs again, for bad ones only */
	remember(x, x->run);
	x->is_contention_done = 1;
	x->sought = x->findings.count = 0;
	x->run = NULL;
	return 0;
}

void ex_experiment_do(struct ex_experiment *x)
{
	uint64_t seed = x->seed;
	catch_stops();
	ex_experiment_arm(x, &(struct ex_arm){.name = "baseline", .role = EX_ROLE_BASELINE, .treatment = ""});
	x->runs_planned = x->arms[0]->wanted;
	x->arms[0]->repeat = ex_experiment_repeat(x, x->settings);
	x->verdict = EX_VERDICT_UNKNOWN;
	do
		seek(x);
	while (!explain(x));
	/* how often it happens is worth knowing without a cause too; each hang would cost a whole --timeout */
	if (x->run && !x->candidate && x->run->outcome != EX_OUTCOME_HANG)
		ex_experiment_run(x, x->arm_count);
	if (!x->run && x->bench.first)
		ex_experiment_try_stale(x);
	ex_progress(NULL);
	if (!x->bench.first)
		return;
	if (!x->candidate)
		ex_experiment_conclude(x);
	ex_experiment_tell_words(x);
	if (!x->advice)
		x->advice = ex_verdicts[x->verdict].advice;
	if (x->arm_count > 1)
		ex_experiment_evidence(x, "experiment",
				       ex_format("%u runs, arms interleaved in an order drawn with seed %llu",
						 x->runs_done, (unsigned long long)seed));
	tell_the_end(x);
	if (!x->run)
		x->run = x->bench.first;
	x->seed = seed;
}
