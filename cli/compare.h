/*
 * compare.h: teardowns of several runs, laid side by side.
 */
#ifndef EX_COMPARE_H
#define EX_COMPARE_H

#include "departure.h"
#include "growth.h"
#include "live.h"
#include "profiles.h"
#include "teardown.h"

#include <stdio.h>

enum ex_mark {
	EX_MARK_SAME,  /* every column has it here */
	EX_MARK_MOVED, /* a column has it in another place */
	EX_MARK_ONLY,  /* a column does not have it */
};

struct ex_column {
	const char *name;    /* allocator, or trace */
	const char *preload; /* NULL: none */
	const char *dir;     /* its trace */
	struct ex_processes processes;
	struct ex_teardown teardown; /* of the judged process; rows may be none */
	struct ex_growth growth;     /* likewise, and what follows */
	struct ex_departure departure;
	struct ex_live_thread *threads; /* alive when exit began, the exiting one left out */
	size_t thread_count;
	struct ex_profiles profiles;
	uint64_t took_bytes; /* memory that went away while handlers ran */
};

struct ex_line {
	const char *key;	    /* what makes rows of two columns the same: kind, module, offset */
	const struct ex_row **rows; /* one a column, NULL where it has none here */
	enum ex_mark mark;
};

struct ex_comparison {
	struct ex_column *columns;
	unsigned column_count;
	struct ex_line *lines;
	unsigned line_count;
};

/* fills lines from the columns */
void ex_compare_align(struct ex_comparison *comparison);
/* handlers, not lines: that stand in another place in some column; that some column does not have */
void ex_compare_count(const struct ex_comparison *comparison, unsigned *moved, unsigned *only);
/* width in characters; rows are stacked where columns do not fit */
void ex_compare_text(const struct ex_comparison *comparison, FILE *out, int width, int is_colour);
/* docs/compare.schema.json */
void ex_compare_json(const struct ex_comparison *comparison, FILE *out);
/* what became of its LLVM profiles: "salvaged", "writer ran"; NULL: no writer registered */
const char *ex_compare_profile(const struct ex_column *column);
const char *ex_mark_text(enum ex_mark mark);

#endif
