/*
 * teardown.h: the teardown timeline of one process image: what ran from main's end on, who registered it, what it
 * took along, how the process ended.
 */
#ifndef EX_TEARDOWN_H
#define EX_TEARDOWN_H

#include "symbols.h"

enum ex_row_kind { /* words of the JSON contract in ex_row_kind_text */
		   EX_ROW_MAIN_END,
		   EX_ROW_TLS_DTOR,
		   EX_ROW_KEY_DTOR,
		   EX_ROW_HANDLER,
		   EX_ROW_FINI,
		   EX_ROW_ALLOCATOR_DONE,
		   EX_ROW_PROFILE_WRITE,
		   EX_ROW_END,
};

struct ex_took {
	uint64_t begin, end;
	int how;       /* EX_release_* */
	unsigned held; /* words in the writer's module that point into it */
	uint64_t caller;
};

struct ex_pointers { /* words of one module's data that point into what went away */
	uint64_t begin, end;
	const struct ex_module *module; /* NULL: not known */
	uint32_t words;
};

struct ex_row {
	unsigned n; /* #n; rows are in this order */
	enum ex_row_kind kind;
	int handler_kind; /* EX_handler_*, -1 for main-end and end */
	uint32_t id;	  /* handler number, 0 */
	unsigned depth;
	uint32_t tid;
	struct ex_place place; /* the handler */
	struct ex_place
		registered_by; /* first frame outside libc's atexit glue and libexeunt.so; module NULL = not known */
	uint64_t begin_ns, end_ns; /* end_ns 0: never returned */
	int outcome;		   /* EX_outcome_of_handler_*, -1 while running at death */
	int is_early_flush;	   /* profile-write by treatment flush */
	const char *allocator;	   /* allocator-done: whose, as "mimalloc 2.0.9"; else NULL */
	struct ex_took *took;
	size_t took_count;
	struct ex_pointers *pointers;
	size_t pointer_count;
	int alive_after; /* last PROBE after it: EX_life_*, -1 none */
	int probe_signal;
	uint64_t probe_block; /* block the probe before it had got, 0 */
	const struct ex_event *registration, *begin;
};

struct ex_teardown {
	const struct ex_image *image;
	struct ex_symbols *symbols;
	struct ex_row *rows; /* ends with EX_ROW_END unless the image still runs */
	size_t count;
	int alive_before; /* PROBE before the first row, EX_life_*, -1 none */
	uint64_t block_before;
	struct ex_row *crash_row; /* row that was running in the crashed thread, NULL */
	int crashed_in_flush;
	struct ex_place *crash_stack; /* frames[0] = pc */
	int crash_frames;
};

void ex_teardown_build(struct ex_teardown *teardown, const struct ex_image *image, struct ex_symbols *symbols);
/* whether took[n] only repeats, from the map, what a call among the others had taken already */
int ex_row_took_again(const struct ex_row *row, size_t n);
/* index of the one of took[] that these pointers are told with: each is told once; SIZE_MAX for none */
size_t ex_row_pointed(const struct ex_row *row, const struct ex_pointers *pointers);
/* a later row of the same handler, for one whose turn a treatment moved; or the earlier; NULL */
const struct ex_row *ex_row_moved_to(const struct ex_teardown *teardown, const struct ex_row *row);
/* row that the thread was running at that time, the innermost; NULL */
const struct ex_row *ex_teardown_row_at(const struct ex_teardown *teardown, uint32_t tid, uint64_t time_ns);
/* memory that went away while it ran, each byte once */
uint64_t ex_row_took_bytes(const struct ex_row *row);
/* the same of all rows; what a row took while another ran inside it is the inner one's only */
uint64_t ex_teardown_took_bytes(const struct ex_teardown *teardown);
const char *ex_row_kind_text(enum ex_row_kind kind);

#endif
