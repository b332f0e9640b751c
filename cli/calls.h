/*
 * calls.h: how often one process image called the malloc family, by function, size and thread, and who answered. Out of
 * the events COUNTERS, ALLOCATOR_OF and ENTRY; only with setting log=counters.
 */
#ifndef EX_CALLS_H
#define EX_CALLS_H

#include "process.h"

#include <stdio.h>

#define EX_CALLS_FUNCTIONS_MOST 64

struct ex_calls_thread {
	uint32_t tid;
	uint64_t all; /* calls, of all functions */
	uint64_t by_function[EX_CALLS_FUNCTIONS_MOST];
};

struct ex_calls_size { /* of calls that ask for memory */
	uint64_t calls, bytes;
};

/* a function that an object before the library defines: calls of it were not seen */
struct ex_calls_unseen {
	const char *function;
	const struct ex_module *module; /* NULL: not known */
};

struct ex_calls {
	int is_counted;
	uint64_t all, bytes; /* calls; bytes asked for */
	uint64_t by_function[EX_CALLS_FUNCTIONS_MOST];
	struct ex_calls_size by_size[EX_SIZE_CLASSES];
	struct ex_calls_thread *threads; /* in order of appearance */
	size_t thread_count;
	const struct ex_module *allocator; /* whose malloc stands behind the library's; NULL: not known */
	struct ex_calls_unseen *unseen;
	size_t unseen_count;
};

void ex_calls_build(struct ex_calls *calls, const struct ex_image *image);
/* as reports print it: "malloc", "operator new"; NULL behind the last */
const char *ex_calls_function(size_t n);
const char *ex_calls_module_name(const struct ex_module *module); /* "" for NULL */
/* "counted"; "not visible": calls of it do not come to the wrappers; NULL where nothing was counted */
const char *ex_calls_of(const struct ex_calls *calls, const struct ex_module *module);
/* largest size of a class, 0 for the last: it has no bound */
uint64_t ex_calls_to_bytes(size_t size_class);
/* a section of the report; nothing when nothing was counted */
void ex_calls_text(const struct ex_calls *calls, FILE *out, int is_colour);
struct ex_emit;
void ex_calls_json(const struct ex_calls *calls, struct ex_emit *emit);

#endif
