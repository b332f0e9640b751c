/*
 * experiment.c: see experiment.h. One thing at a time: all arms have the baseline's settings and one treatment.
 * Must never stop early because of what it saw, nor run more because of it.
 */
#include "experiment.h"

#include "say.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define AGREE_MAX 20 /* bad runs that are looked at closely: each takes a reading of its symbols */

static void add_evidence(struct ex_experiment *x, const char *id, const char *text)
{
	if (text && x->evidence_count < sizeof(x->evidence) / sizeof(x->evidence[0]))
		x->evidence[x->evidence_count++] = (struct ex_evidence){id, text};
}

/* 'as the shell reads it' */
static const char *quoted(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,/:@%";
	if (*word && strspn(word, plain) == strlen(word))
		return word;
	char *text = malloc(strlen(word) * 4 + 3), *out = text;
	if (!text)
		abort();
	*out++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			out = stpcpy(out, "'\\''");
		else
			*out++ = *word;
	}
	strcpy(out, "'");
	return text;
}

static const char *repeat_command(const struct ex_experiment *x, const struct ex_settings *settings)
{
	const char *text = ex_rules_text("%s run", quoted(x->exeunt));
	for (size_t i = 0; ex_options[i].name; i++)
		if (settings->values[i])
			text = ex_rules_text("%s -s %s", text, quoted(ex_rules_text("%s=%s", ex_options[i].name,
										    settings->values[i])));
	text = ex_rules_text("%s --", text);
	for (char *const *word = x->bench.argv; *word; word++)
		text = ex_rules_text("%s %s", text, quoted(*word));
	const char *input = ex_stdin_file(x->bench.input);
	return input ? ex_rules_text("%s < %s", text, quoted(input)) : text;
}

static struct ex_arm *add_arm(struct ex_experiment *x, const char *name, enum ex_role role, enum ex_measure measure,
			      const char *treatment)
{
	struct ex_arm *arm = calloc(1, sizeof(*arm));
	struct ex_settings settings;
	if (!arm || x->arm_count == EX_EXPERIMENT_ARMS_MAX)
		abort();
	for (unsigned i = 0, n = 2; i < x->arm_count; i++)
		if (!strcmp(x->arms[i]->name, name)) {
			name = ex_rules_text("%.*s-%u", (int)strcspn(name, "0123456789"), name, n++);
			i = 0;
		}
	ex_settings_init(&settings);
	ex_settings_merge(&settings, x->settings);
	const char *equals = strchr(treatment, '=');
	for (size_t i = 0; equals && ex_options[i].name; i++)
		if (!strncmp(ex_options[i].name, treatment, (size_t)(equals - treatment)) &&
		    !ex_options[i].name[equals - treatment])
			settings.values[i] = equals + 1;
	*arm = (struct ex_arm){.name = name, .role = role, .measure = measure, .treatment = treatment,
			       .wanted = x->runs_wanted, .settings = ex_settings_text(&settings)};
	arm->repeat = repeat_command(x, &settings);
	x->arms[x->arm_count++] = arm;
	return arm;
}

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
	x->bench.was_interrupted |= stop_signal != 0;
	if (x->bench.was_interrupted)
		return 0;
	if (x->runs_done && ex_bench_left_s(&x->bench) <= 0)
		x->ran_out = 1;
	return !x->ran_out;
}

static int run_once(struct ex_experiment *x, struct ex_arm *arm)
{
	ex_progress("run %u of %u: %s %u of %u%s%s", x->runs_done + 1, x->runs_planned, arm->name, arm->count + 1,
		    arm->wanted, *arm->treatment ? ", " : "", arm->treatment);
	int status = ex_arm_run(arm, &x->bench);
	if (!x->runs_done++)
		ex_progress(NULL);
	return status;
}

static void examine(struct ex_findings *findings, struct ex_teardown *teardown, const struct ex_run *run)
{
	memset(teardown, 0, sizeof(*teardown));
	struct ex_facts facts = {run->processes, teardown, run->ending.timed_out, run->ending.interrupted, run->profiles};
	static const struct ex_processes none;
	if (!run->processes)
		facts.processes = &none;
	else if (run->processes->judged)
		ex_teardown_build(teardown, run->processes->judged, ex_symbols_open(run->processes->judged, NULL));
	ex_rules_apply(findings, &facts);
}

/* baseline until a run is worth explaining: bad, or left without its profile for a reason that a rule knows */
static int seek(struct ex_experiment *x)
{
	struct ex_arm *baseline = x->arms[0];
	x->runs_planned = baseline->wanted;
	while (!x->run && baseline->count < baseline->wanted && may_run(x)) {
		int status = run_once(x, baseline);
		if (status)
			return status;
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
	return 0;
}

static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull; /* splitmix64: any seed is good, 0 too */
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* the given arms and what is left of the baseline, run by run in a drawn order */
static int run_interleaved(struct ex_experiment *x, unsigned first)
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
	for (unsigned n = 0; n < total && may_run(x); n++) {
		int status = run_once(x, order[n]);
		if (status)
			return status;
	}
	return 0;
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
	add_evidence(x, "agreement", ex_rules_text("%u of the first %u bad baseline runs show the same", same, bad));
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
static int try_candidate(struct ex_experiment *x, const struct ex_candidate *c)
{
	unsigned first = x->arm_count, confirm_count = 0;
	struct ex_tally confirm[2], control_tally;
	struct ex_arm *control = NULL, *flush = NULL;
	int wants_control = 0;

	x->arms[0]->measure = c->verdict == EX_VERDICT_PROFILE_LOST ? EX_MEASURE_PROFILE : EX_MEASURE_OUTCOME;
	if (c->verdict == EX_VERDICT_PROFILE_AFTER_TEARDOWN) {
		wants_control = 1;
		flush = add_arm(x, "flush", EX_ROLE_CONFIRM, EX_MEASURE_OUTCOME_PROFILE,
				ex_rules_text("flush=before:%s", c->handler_name));
		add_arm(x, "skip", EX_ROLE_CONFIRM, EX_MEASURE_OUTCOME, ex_rules_text("skip=%s", c->handler_name));
		if (c->sham)
			control = add_arm(x, "sham", EX_ROLE_CONTROL, EX_MEASURE_OUTCOME, ex_rules_text("skip=%s", c->sham_name));
	} else if (c->verdict == EX_VERDICT_PROFILE_LOST && !c->by_signal) {
		flush = add_arm(x, "flush", EX_ROLE_CONFIRM, EX_MEASURE_PROFILE, "flush=exit");
	}
	int status = run_interleaved(x, first);
	if (status)
		return status;
	for (unsigned a = first; a < x->arm_count; a++)
		if (x->arms[a]->role == EX_ROLE_CONFIRM)
			confirm[confirm_count++] = tally(x->arms[a]);
	struct ex_tally baseline = tally(x->arms[0]);
	control_tally = control ? tally(control) : (struct ex_tally){"sham", 0, 0};
	struct ex_decision decision = ex_decide(&baseline, confirm, confirm_count, wants_control ? &control_tally : NULL);
	if (decision.status == EX_STATUS_REFUTED) {
		ex_rules_exclude(&x->findings, c->verdict,
				 c->handler_name ? ex_rules_text("handler %s: %s", c->handler_name, decision.why) : decision.why);
		return 0;
	}
	x->verdict = c->verdict;
	x->status = decision.status;
	x->candidate = c;
	x->cause = c->cause ? c->cause : ex_verdicts[c->verdict].cause;
	for (unsigned i = 0; i < c->evidence_count; i++)
		add_evidence(x, c->evidence[i].id, c->evidence[i].text);
	int agree = all_agree(x, c);
	const char *missing = decision.why;
	if (c->verdict == EX_VERDICT_PROFILE_LOST && c->by_signal)
		missing = "no treatment can write a profile in a process that is killed";
	else if (!confirm_count)
		missing = "no treatment of this version can confirm it";
	else if (x->ran_out && missing)
		missing = ex_rules_text("the budget ran out: %s", missing);
	else if (wants_control && !c->sham)
		missing = "there is no other handler whose skip could serve as a control";
	else if (!missing && !agree)
		missing = "not every bad run of the baseline shows this";
	else if (!missing && flush && is_profile_unchecked(flush))
		missing = "it is not known where the profile of the flushed runs went, so it was not checked";
	if (missing) {
		x->status = EX_STATUS_LIKELY;
		add_evidence(x, "not-confirmed", ex_rules_text("not confirmed: %s", missing));
	} else {
		add_evidence(x, "statistics", ex_rules_text("the confirming arms differ from the untreated runs with p = %.2g at "
							    "most (Fisher's exact test, Holm)", decision.p));
	}
	return 0;
}

static void conclude_without_candidate(struct ex_experiment *x)
{
	const struct ex_arm *baseline = x->arms[0];
	unsigned counted = ex_arm_counted(baseline), bad = ex_arm_bad(baseline);
	if (!x->run && x->teardown && !x->findings.count && counted)
		for (unsigned i = 0; i < x->findings.excluded_count; i++)
			if (x->findings.excluded[i].verdict == EX_VERDICT_PROFILE_LOST)
				add_evidence(x, "profile", ex_rules_text("a process left without running its profile writer: %s",
									 x->findings.excluded[i].why));
	int is_own_profile = x->evidence_count == 0 || strstr(x->evidence[0].text, "by itself") != NULL;
	if (!x->run && counted && is_own_profile) {
		double upper = ex_stats_upper_of_none(counted);
		x->verdict = EX_VERDICT_HEALTHY;
		x->status = EX_STATUS_NONE;
		x->findings.excluded_count = 0;
		x->cause = ex_rules_text("None of %u runs ended badly; at 95 %% confidence at most %.1f %% of runs do.", counted,
					 upper * 100);
		add_evidence(x, "runs", ex_rules_text("0 of %u runs ended badly; upper bound of the rate %.4f (95 %%)", counted,
						      upper));
		return;
	}
	x->verdict = EX_VERDICT_UNKNOWN;
	x->status = EX_STATUS_NONE;
	x->cause = ex_verdicts[EX_VERDICT_UNKNOWN].cause;
	if (!x->run) {
		x->cause = counted ? "No run ended badly, but a profile was lost, and no cause that exeunt knows explains it." :
				     "No run could be counted, so nothing is known.";
		return;
	}
	int status = x->run->ending.wait_status;
	const char *detail = x->run->outcome == EX_OUTCOME_STATUS ? ex_rules_text(" %d, not %d", WEXITSTATUS(status),
										  x->bench.expected_status) : "";
	add_evidence(x, "outcome", ex_rules_text("%u of %u baseline runs ended badly; the first of them: %s%s", bad, counted,
						 ex_outcome_text(x->run->outcome), detail));
	add_evidence(x, "death", x->findings.death.text);
	add_evidence(x, "taken", x->findings.taken.text);
	add_evidence(x, "profile", x->findings.lost.text);
	const char *next = "exeunt report of the trace shows what had run before";
	unsigned needed = counted && bad < counted ? ex_stats_runs_needed((double)bad / counted, 0.05) : 0;
	if (x->run->outcome == EX_OUTCOME_HANG)
		next = "a longer --timeout, or a debugger on the running process: it did not end by itself";
	else if (!x->run->processes)
		next = "exeunt doctor -- CMD, to see why it could not be observed";
	else if (needed > x->runs_wanted)
		next = ex_rules_text("--runs %u: at this rate fewer runs cannot tell a cure from chance", needed);
	add_evidence(x, "next", ex_rules_text("next: %s", next));
}

int ex_experiment_do(struct ex_experiment *x)
{
	uint64_t seed = x->seed;
	catch_stops();
	add_arm(x, "baseline", EX_ROLE_BASELINE, EX_MEASURE_OUTCOME, "");
	int status = seek(x);
	x->arms[0]->repeat = repeat_command(x, x->settings);
	x->verdict = EX_VERDICT_UNKNOWN;
	for (unsigned i = 0; x->run && !status && i < x->findings.count && !x->candidate; i++)
		status = try_candidate(x, &x->findings.candidates[i]);
	/* how often it happens is worth knowing without a cause too; each hang would cost a whole --timeout */
	if (x->run && !status && !x->candidate && x->run->outcome != EX_OUTCOME_HANG)
		status = run_interleaved(x, x->arm_count);
	ex_progress(NULL);
	if (status)
		return status;
	if (!x->candidate)
		conclude_without_candidate(x);
	if (x->arm_count > 1)
		add_evidence(x, "experiment", ex_rules_text("%u runs, arms interleaved in an order drawn with seed %llu", x->runs_done,
						       (unsigned long long)seed));
	if (x->bench.was_interrupted)
		add_evidence(x, "interrupted", "interrupted: only the runs done so far are counted");
	else if (x->ran_out)
		add_evidence(x, "budget", ex_rules_text("the budget ran out after %u of %u runs", x->runs_done, x->runs_planned));
	if (!x->run && x->bench.first)
		x->run = x->bench.first;
	x->seed = seed;
	return 0;
}
