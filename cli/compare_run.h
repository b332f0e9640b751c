/*
 * compare_run.h: the runs of a comparison.
 */
#ifndef EX_COMPARE_RUN_H
#define EX_COMPARE_RUN_H

#include "compare.h"
#include "profraw_place.h"
#include "stdin.h"

/* what all of them have in common */
struct ex_compare_job {
	char *const *argv;
	const char *folder, *settings;
	double timeout_s;
	struct ex_stdin *input;
	struct ex_profraw_place *place;
};

/* one more run, of the column's allocator; treatment: further settings, "". Where not shown its output goes nowhere. 0, or an
 * exit status after a message */
int ex_compare_run(struct ex_column *column, const struct ex_compare_job *job, const char *treatment, int is_shown,
		   int *was_interrupted);
/* the trace in column->dir; the same */
int ex_compare_read(struct ex_column *column);
/* compare_heap.c: guarded runs, until one finds a damaged block; and what lies beside it under each allocator. The same */
int ex_compare_look(struct ex_comparison *comparison, const struct ex_compare_job *job, int *was_interrupted);

#endif
