/*
 * compare.h: teardowns of several runs, laid side by side.
 */
#ifndef EX_COMPARE_H
#define EX_COMPARE_H

#include "blocks.h"
#include "departure.h"
#include "growth.h"
#include "live.h"
#include "neighbours.h"
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

/* where the damaged bytes of a block lie under one allocator */
struct ex_fall {
	struct ex_neighbours neighbours; /* measured; not known where malloc is the program's own */
	int in_slack;			 /* bytes that the block has and nobody asked for */
	int in_own;			 /* of the allocator's, beside the block */
	int in_next;			 /* of the block behind it, or below it */
	int in_link; /* of that one, or of this when it was given back: what the allocator uses of a free block */
};

/* a block that was found damaged in a guarded run of one of the columns */
struct ex_damage {
	struct ex_finding_of_block finding;
	const char *treatment, *column, *dir; /* of that run */
	int64_t first, last;		      /* damaged bytes, from the block's beginning on */
	int knows_last;			      /* else it may be more than up to there */
	struct ex_fall *falls;		      /* one a column */
};

struct ex_comparison {
	struct ex_column *columns;
	unsigned column_count;
	struct ex_line *lines;
	unsigned line_count;
	int is_looked;		  /* guarded runs were made */
	struct ex_damage *damage; /* NULL: they found none */
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
/* by a signal, or nobody saw how */
int ex_compare_died(const struct ex_column *column);
/* compare_heap_text.c: what each allocator makes of a damaged block; JSON as "heap" */
struct ex_emit;
void ex_compare_heap_text(const struct ex_comparison *comparison, FILE *out, int is_colour);
void ex_compare_heap_json(const struct ex_comparison *comparison, struct ex_emit *emit);

#endif
