/*
 * experiment.h: a diagnosis as it is done: baseline runs, candidates, their arms in a drawn order, the verdict.
 */
#ifndef EX_EXPERIMENT_H
#define EX_EXPERIMENT_H

#include "arms.h"
#include "decide.h"
#include "rules.h"
#include "settings.h"

#define EX_EXPERIMENT_ARMS_MAX 40 /* of all candidates of a run */

struct ex_experiment {
	/* asked for */
	struct ex_bench bench;
	const struct ex_settings *settings;
	unsigned runs_wanted; /* of each arm */
	uint64_t seed;
	const char *exeunt; /* how to call us again in a command to repeat */

	/* done */
	struct ex_arm *arms[EX_EXPERIMENT_ARMS_MAX]; /* arms[0] is the baseline */
	unsigned arm_count;
	unsigned runs_done, runs_planned;
	unsigned sought;	      /* baseline runs that were looked at, whether they are worth explaining */
	int looks_for_heap;	      /* also where no run ends badly */
	int is_word_done;	      /* the word that a wild address came from has been watched */
	int is_heap_done;	      /* guarded runs have been looked at */
	const char *heap_why;	      /* why those can say nothing of this program's blocks, NULL */
	int is_contention_done;	      /* that threads wait for arena locks has been looked into, and is no verdict */
	const char *contention_why;   /* why it is none, NULL */
	const char *mixed_why;	      /* why mixed profile records in a good run are no verdict, NULL */
	const char *lost_why;	      /* why a profile that was lost in a good run is no verdict, NULL */
	int ran_out;		      /* of budget */
	int failed;		      /* exit status of a run that could not be made, told already; 0 = none */
	const struct ex_run *run;     /* the one that facts and stacks are from: the first bad one, else the first */
	struct ex_teardown *teardown; /* of its judged process, NULL */
	struct ex_findings findings;

	/* found */
	enum ex_verdict verdict;
	enum ex_status status;
	const char *cause;
	const char *advice;		      /* lines; NULL: those of the table */
	const struct ex_candidate *candidate; /* NULL for healthy and unknown */
	struct ex_evidence evidence[24];
	unsigned evidence_count;
};

/* one more arm, of that name, role, measure and treatment: all settings of the baseline, and the treatment */
struct ex_arm *ex_experiment_arm(struct ex_experiment *experiment, const struct ex_arm *wanted);
/* experiment_plan.c: the arms of a candidate; returns the confirming one that must leave a whole profile, NULL */
struct ex_arm *ex_experiment_plan(struct ex_experiment *experiment, const struct ex_candidate *candidate);
/* experiment_mixed.c: those of mixed-profile-layouts; and what they, the arms from first on, showed */
struct ex_arm *ex_experiment_plan_mixed(struct ex_experiment *experiment, const struct ex_candidate *candidate);
void ex_experiment_tell_mixed(struct ex_experiment *experiment, const struct ex_candidate *candidate, unsigned first);
/* experiment_host.c: those of host-mapping-exhaustion: runs some of them first, to choose the others by; and what they showed */
void ex_experiment_plan_host(struct ex_experiment *experiment, const struct ex_candidate *candidate);
void ex_experiment_tell_host(struct ex_experiment *experiment, unsigned first);
/* experiment_code.c: what a run of dangling-code's arm died of, where no untreated run shows it */
void ex_experiment_tell_code(struct ex_experiment *experiment, unsigned first);
/* experiment_blocks.c: where that has not been done: guarded runs, and what they found as a candidate among the others, in its place;
 * and the arms of that */
void ex_experiment_look_blocks(struct ex_experiment *experiment);
void ex_experiment_plan_blocks(struct ex_experiment *experiment, const struct ex_candidate *candidate);
/* experiment_stop.c: what those showed */
void ex_experiment_tell_blocks(struct ex_experiment *experiment, unsigned first);
/* experiment_word.c: where that has not been done: the word that a wild address came from is watched, and its last writer told as
 * evidence, or, where it is a system call that was not meant to write there, put in front as a candidate; the arms of that; and
 * what they showed */
void ex_experiment_look_word(struct ex_experiment *experiment);
void ex_experiment_plan_word(struct ex_experiment *experiment, const struct ex_candidate *candidate);
void ex_experiment_tell_word(struct ex_experiment *experiment, unsigned first);
/* experiment_unmap.c: the second unmapping of double-unmap, as a run of its arm saw it */
void ex_experiment_tell_unmap(struct ex_experiment *experiment, unsigned first);
/* experiment_stack.c: those of stack-overflow, and what they showed */
void ex_experiment_plan_stack(struct ex_experiment *experiment, const struct ex_candidate *candidate);
void ex_experiment_tell_stack(struct ex_experiment *experiment, const struct ex_candidate *candidate, unsigned first);
/* experiment_stale.c: a damaged profile where the program writes. An arm with it for a crash in the writer; what that showed;
 * and the verdict where all else is well */
void ex_experiment_plan_stale(struct ex_experiment *experiment, const struct ex_candidate *candidate);
void ex_experiment_tell_stale(struct ex_experiment *experiment, const struct ex_candidate *candidate, unsigned first);
void ex_experiment_try_stale(struct ex_experiment *experiment);
/* experiment_try.c: runs the arms of one candidate and sets the verdict if it stands; else it goes to the excluded */
void ex_experiment_try(struct ex_experiment *experiment, const struct ex_candidate *candidate);
/* a few runs of an arm that only looks; wanted: at most so many */
struct ex_arm *ex_experiment_look(struct ex_experiment *experiment, const char *name, const char *treatment,
				  unsigned wanted);
/* the arms from that one on, and what is left of the baseline, run by run in a drawn order */
void ex_experiment_run(struct ex_experiment *experiment, unsigned first);
/* what the rules say about one run */
void ex_experiment_examine(struct ex_findings *findings, struct ex_teardown *teardown, const struct ex_run *run);
/* a word 'as the shell reads it' */
const char *ex_experiment_quoted(const char *word);
/* a shell command that repeats one run, its input included */
const char *ex_experiment_repeat(const struct ex_experiment *experiment, const struct ex_settings *settings);
void ex_experiment_evidence(struct ex_experiment *experiment, const char *id, const char *text);
/* no candidate stood: healthy or unknown */
void ex_experiment_conclude(struct ex_experiment *experiment);
/* what a run that was ended by an abort said, and what malloc's heap says of it */
void ex_experiment_tell_words(struct ex_experiment *experiment);
/* after it bench.first is NULL when nothing could be run, which failed says */
void ex_experiment_do(struct ex_experiment *experiment);

#endif
