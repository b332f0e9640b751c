/*
 * arms.h: an experiment's arms and the runs in them. A run is never repeated because of how it ended.
 */
#ifndef EX_ARMS_H
#define EX_ARMS_H

#include "contention.h"
#include "launch.h"
#include "process.h"
#include "profraw_place.h"
#include "stats.h"
#include "stdin.h"

enum ex_outcome {
#define OUTCOME(NAME, text, is_bad, doc) EX_OUTCOME_##NAME,
#include "outcomes.def"
#undef OUTCOME
};

enum ex_role { EX_ROLE_BASELINE, EX_ROLE_CONFIRM, EX_ROLE_CONTROL, EX_ROLE_EXPLORE };

/* what makes a run of an arm a bad one */
enum ex_measure {
	EX_MEASURE_OUTCOME,	    /* its outcome */
	EX_MEASURE_OUTCOME_PROFILE, /* its outcome, or no whole profile came */
	EX_MEASURE_PROFILE,	    /* no whole profile came, whatever the outcome */
	EX_MEASURE_STALE,	    /* it did not die where executable memory was kept that it had given back */
	EX_MEASURE_GUARD,	    /* it was not stopped by a guard */
	EX_MEASURE_STRAY,	    /* no system call was seen that wrote the watched word without being meant to */
	EX_MEASURE_STACK,      /* it used up a stack of less than the arm's amount of bytes, or ended badly otherwise */
	EX_MEASURE_AGAIN,      /* its outcome, or no memory was unmapped a second time while it was kept */
	EX_MEASURE_CONTENTION, /* threads waited for arena locks for a share of their time, the arm's; a run that
				       ended badly says nothing about that */
};

/* how a run shows that its arm's treatment took place */
enum ex_treated {
	EX_TREATED_ALWAYS,	/* there is none */
	EX_TREATED_FLUSHED,	/* a writer was called early */
	EX_TREATED_SKIPPED,	/* a handler was left out */
	EX_TREATED_ACCEPTED,	/* no process said that it cannot honour the setting */
	EX_TREATED_GRANTED,	/* nor was growth refused, of the arm's amount of bytes or less */
	EX_TREATED_KEPT,	/* memory that would have gone away stayed */
	EX_TREATED_PARKED,	/* threads were stopped, all of those that were asked to */
	EX_TREATED_PINNED,	/* a library was to be closed, and no process said that it cannot keep it */
	EX_TREATED_FOREIGN,	/* a block that lay in another module's memory was not freed */
	EX_TREATED_SALVAGED,	/* no process said that it cannot salvage, or could not write the file */
	EX_TREATED_RETURNS,	/* nor that, and a function that records values returns at once */
	EX_TREATED_BALLAST,	/* nor that, and as many of the host's mappings were used up as asked for */
	EX_TREATED_QUARANTINED, /* executable memory was kept, and no process said that no more could be */
	EX_TREATED_GUARDED,	/* a block was asked for at the allocation site whose identifier is the arm's amount */
	EX_TREATED_WATCHED,	/* nor that, and the word was watched */
	EX_TREATED_MORE,	/* nor had every process the arm's amount of arenas or fewer */
};

struct ex_run {
	unsigned n;	 /* of its arm, from 1 */
	const char *dir; /* its folder: trace, tmp, profile, stdout, stderr */
	struct ex_ending ending;
	enum ex_outcome outcome;
	struct ex_processes *processes; /* NULL when the trace could not be read */
	unsigned lost_profiles;		/* processes that left without writing theirs */
	int profiles;			/* whole profiles found, -1 unknown */
	int profiles_due;		/* the least that there should be */
	const char *mismatch;		/* what a profile runtime said about versions, on stderr; NULL */
	int is_unwritten; /* its judged process is one that ended well and left no whole profile, its records being mixed */
	int is_treated; /* the arm's treatment took place */
	struct ex_contention contention;
};

struct ex_arm {
	const char *name; /* also its folder's */
	enum ex_role role;
	enum ex_measure measure;
	double share;	       /* EX_MEASURE_CONTENTION: from which on a run is contended */
	const char *treatment; /* "", KEY=VALUE, or several of these with blanks between */
	int wants_all;	       /* a whole profile of each object that should have left one, and no complaint */
	int is_stale;	       /* its runs find copies of the damaged files that lie where the program writes */
	enum ex_treated treated;
	uint64_t amount;      /* for treated, and EX_MEASURE_STACK */
	const char *settings; /* all of them, for the library */
	const char *repeat;   /* the command that repeats one run */
	struct ex_run *runs;
	unsigned count, wanted;
};

/* what all runs of a diagnosis have in common */
struct ex_bench {
	char *const *argv;
	const char *dir;	    /* the diagnosis' folder */
	double timeout_s, budget_s; /* budget 0: none */
	double began_s;
	const char *setup;   /* NULL */
	int expected_status; /* -1: any */
	int expects_same_output;
	const char *
		expected_output; /* a file; NULL: any. With expects_same_output that of the first run that ended well */
	int shows_first;	 /* the first run's output goes to our own stdout and stderr */
	const char *preload;	 /* further library, or NULL */
	struct ex_stdin *input;
	struct ex_profraw_place *place;
	const struct ex_run *first;
	int was_interrupted; /* by this signal */
};

/* one more run of the arm. 0, or an exit status after a message: then nothing more can be run */
int ex_arm_run(struct ex_arm *arm, struct ex_bench *bench);
/* seconds that the budget leaves */
double ex_bench_left_s(const struct ex_bench *bench);
double ex_bench_now_s(void);

/* its outcome, whatever the arm measures */
int ex_run_ended_badly(const struct ex_run *run);
/* for its arm */
int ex_run_counts(const struct ex_arm *arm, const struct ex_run *run);
int ex_run_is_bad(const struct ex_arm *arm, const struct ex_run *run);
/* experiment_stack.c: of the stack that its judged process used up, 0 */
uint64_t ex_run_overflow_bytes(const struct ex_run *run);
/* experiment_stop.c: whether it was stopped where a guard stands */
int ex_run_was_stopped(const struct ex_run *run);
/* experiment_word.c: whether the word that it watched was written by a system call that was not meant to; last, where it died of it */
int ex_run_was_stray(const struct ex_run *run);
/* arms_profile.c: what its files and its standard error say about profiles; once it has ended */
void ex_run_find_profile(struct ex_run *run);
/* treated.c */
int ex_run_is_treated(const struct ex_arm *arm, const struct ex_run *run);
/* the first KEY=VALUE of a treatment: index of its option, and its value; returns the rest, NULL when there is none */
const char *ex_treatment_next(const char *treatment, int *option, const char **value);
unsigned ex_arm_counted(const struct ex_arm *arm);
unsigned ex_arm_bad(const struct ex_arm *arm);
const char *ex_role_text(enum ex_role role);
const char *ex_outcome_text(enum ex_outcome outcome);

#endif
