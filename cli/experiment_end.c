/*
 * experiment_end.c: the verdict of an experiment that found no cause: healthy, or unknown with the next thing to try.
 */
#include "experiment.h"

#include "heap_break.h"
#include "text.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

void ex_experiment_evidence(struct ex_experiment *x, const char *id, const char *text)
{
	if (text && x->evidence_count < sizeof(x->evidence) / sizeof(x->evidence[0]))
		x->evidence[x->evidence_count++] = (struct ex_evidence){id, text};
}

static const char *how_it_was_bad(const struct ex_experiment *x)
{
	switch (x->run->outcome) {
	case EX_OUTCOME_STATUS:
		return ex_format("with exit status %d, not %d", WEXITSTATUS(x->run->ending.wait_status),
				 x->bench.expected_status);
	case EX_OUTCOME_OUTPUT:
		return "wrote other output than expected";
	case EX_OUTCOME_HANG:
		return ex_format("still ran at --timeout (%g s)", x->bench.timeout_s);
	case EX_OUTCOME_SIGNAL:
		return "by a signal";
	default:
		return ex_outcome_text(x->run->outcome);
	}
}

void ex_experiment_conclude(struct ex_experiment *x)
{
	const struct ex_arm *baseline = x->arms[0];
	unsigned counted = ex_arm_counted(baseline), bad = ex_arm_bad(baseline);
	int is_own_profile = !x->lost_why || strstr(x->lost_why, "by itself") != NULL;
	if (x->lost_why && counted && !x->run)
		ex_experiment_evidence(x, "profile",
				       ex_format("a process left without running its profile writer: %s", x->lost_why));
	if (x->mixed_why && counted && !x->run)
		ex_experiment_evidence(
			x, "layouts",
			ex_format("a process has profile records of more than one LLVM, and what came of "
				  "that is not known: %s",
				  x->mixed_why));
	if (x->contention_why && counted && !x->run)
		ex_experiment_evidence(x, "contention",
				       ex_format("threads waited for the locks of malloc's arenas, and it is no cause "
						 "for alarm: %s",
						 x->contention_why));
	if (x->heap_why && x->looks_for_heap && counted && !x->run) {
		x->verdict = EX_VERDICT_UNKNOWN;
		x->status = EX_STATUS_NONE;
		x->cause = "No run ended badly, and whether blocks of the heap are misused could not be looked at.";
		ex_experiment_evidence(x, "heap", x->heap_why);
		return;
	}
	if (!x->run && counted && is_own_profile) {
		double upper = ex_stats_upper_of_none(counted);
		x->verdict = EX_VERDICT_HEALTHY;
		x->status = EX_STATUS_NONE;
		x->findings.excluded_count = 0;
		x->cause = ex_format("None of %u runs ended badly; at 95 %% confidence at most %.1f %% of runs do.",
				     counted, upper * 100);
		ex_experiment_evidence(x, "runs",
				       ex_format("0 of %u runs ended badly; upper bound of the rate %.4f (95 %%)",
						 counted, upper));
		const struct ex_run *first = x->bench.first;
		if (first && x->bench.expected_status < 0 && WIFEXITED(first->ending.wait_status) &&
		    WEXITSTATUS(first->ending.wait_status))
			ex_experiment_evidence(x, "status",
					       ex_format("the first run exited with status %d; with "
							 "--expect-status 0 that is a bad end",
							 WEXITSTATUS(first->ending.wait_status)));
		return;
	}
	x->verdict = EX_VERDICT_UNKNOWN;
	x->status = EX_STATUS_NONE;
	x->cause = ex_verdicts[EX_VERDICT_UNKNOWN].cause;
	if (!x->run || !ex_run_ended_badly(x->run)) {
		x->cause = counted ? "No run ended badly, but a profile was lost, and no cause that exeunt knows "
				     "explains it."
				   : "No run could be counted, so nothing is known.";
		if (!x->run)
			return;
	} else {
		ex_experiment_evidence(x, "outcome",
				       ex_format("%u of %u baseline runs ended badly; the first of them %s", bad,
						 counted, how_it_was_bad(x)));
	}
	ex_experiment_evidence(x, "death", x->findings.death.text);
	ex_experiment_evidence(x, "taken", x->findings.taken.text);
	ex_experiment_evidence(x, "profile", x->findings.lost.text);
	const char *next = NULL;
	unsigned needed = counted && bad < counted ? ex_stats_runs_needed((double)bad / counted, 0.05) : 0;
	if (x->run->outcome == EX_OUTCOME_HANG)
		next = "a longer --timeout, or a debugger on the running process: it did not end by itself";
	else if (!x->run->processes)
		next = "exeunt doctor -- CMD, to see why it could not be observed";
	else if (needed > x->runs_wanted)
		next = ex_format("--runs %u: at this rate fewer runs cannot tell a cure from chance", needed);
	if (next)
		ex_experiment_evidence(x, "next", ex_format("next: %s", next));
}

/* of a run that was ended by an abort or a trap, what it said itself, and what is to be read of malloc's heap */
void ex_experiment_tell_words(struct ex_experiment *x)
{
	const struct ex_image *image = x->run && x->run->processes ? x->run->processes->judged : NULL;
	if (!image || !image->crash || !ex_run_ended_badly(x->run))
		return;
	int signo = EX_EVENT(image->crash, crash)->signo;
	const char *message = ex_abort_message(image), *broken = ex_heap_break_text(image),
		   *below = ex_heap_below_text(image), *said = NULL;
	if (signo == SIGABRT || signo == SIGTRAP || signo == SIGILL)
		said = ex_last_lines(ex_format("%s/stderr", x->run->dir));
	if (message)
		ex_experiment_evidence(x, "message", ex_format("libc said: %s", message));
	if (said && (!message || !strstr(said, message)))
		ex_experiment_evidence(x, "said", ex_format("its last lines on standard error: %s", said));
	if (broken)
		ex_experiment_evidence(x, "heap-break", broken);
	if (below)
		ex_experiment_evidence(x, "below", below);
}
