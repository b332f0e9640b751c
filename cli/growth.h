/*
 * growth.h: how the memory of one process image grew: by class and call, arena by arena, over time, and what that
 * would cost a sandbox's host. Out of the events GROWTH, HEAP, MAIN_ARENA, WAIT and DETOUR; a fork child begins with
 * what its parent had.
 */
#ifndef EX_GROWTH_H
#define EX_GROWTH_H

#include "allocators.h"

#include <stdio.h>

#define EX_GROWTH_CLASSES 14
#define EX_GROWTH_CALLS 7
#define EX_GROWTH_LOCKS 3
#define EX_GROWTH_BUCKETS 60
#define EX_GROWTH_ERRNOS 134
#define EX_HEAP_NONE SIZE_MAX	    /* no thread heap */
#define EX_HEAP_MAIN (SIZE_MAX - 1) /* the break: glibc's main arena */

struct ex_waits {
	uint64_t count, total_ns;
	uint64_t p50_ns, p99_ns, max_ns; /* nearest rank: each is a wait that took place */
};

struct ex_arena {
	uint64_t address; /* 0: not known */
	int is_main;
	unsigned threads; /* that grew in it or waited for it */
	unsigned heaps;	  /* thread heaps that are still mapped */
	uint64_t reserved_bytes, committed_bytes, peak_committed_bytes;
	uint64_t growths, failed;
	struct ex_waits waits;
};

struct ex_heap { /* a thread heap of glibc's, from its first pages to its end; the same place may be used again */
	uint64_t begin, committed_end;
	uint64_t arena;	  /* 0: never told */
	uint64_t from_ns; /* it was there: what began earlier is not about it */
	size_t previous;  /* heap at the same place before, EX_HEAP_NONE */
	int is_gone;
	int is_replaced; /* another heap is at its place: that it went away was not seen, or is told late */
};

struct ex_step { /* one event GROWTH or WAIT */
	const struct ex_event *event;
	size_t heap;	  /* index; EX_HEAP_NONE, EX_HEAP_MAIN */
	int64_t delta;	  /* bytes that became (or ceased to be) accessible in the heap, or in mmap chunks */
	int is_inherited; /* of the parent, before the fork */
};

struct ex_steps {
	const struct ex_image *image;
	struct ex_step *list;
	size_t count;
	struct ex_heap *heaps;
	size_t heap_count;
	uint64_t heap_bytes, main_arena; /* 0: not told */
	uint64_t break_first, break_last;
};

struct ex_growth_module {		      /* calls of other allocators, and of no allocator */
	const struct ex_module *module;	      /* NULL: from outside every module */
	const struct ex_allocator *allocator; /* NULL: of none that is known */
	int is_by_function; /* it is told by the function that called; else by the module as a whole */
	uint64_t calls;
	uint64_t grown_bytes, released_bytes; /* of address space */
	uint64_t discarded_bytes;	      /* the place was kept: madvise, mprotect */
};

struct ex_growth_bucket {
	uint64_t to_ns; /* since the image's first event */
	uint64_t growths, bytes;
	uint64_t committed_bytes; /* at its end: arenas and mmap chunks */
};

struct ex_growth_hook {
	const char *symbol;
	int result; /* EX_detour_* */
};

struct ex_growth {
	int is_observed;		      /* there is a detour, or an event */
	uint64_t by_class[EX_GROWTH_CLASSES]; /* system calls; what a treatment refused is none */
	uint64_t by_call[EX_GROWTH_CALLS];
	uint64_t refused_by_treatment;
	uint64_t growths, grown_bytes; /* numbered ones: refused too; bytes of those that were not */
	uint64_t overlap;
	unsigned overlap_max;
	uint64_t arena_growths, switches;
	uint64_t failed, failed_first_ns; /* numbered growths that were refused, by the system or a treatment */
	uint64_t failed_by_errno[EX_GROWTH_ERRNOS]; /* 0: of no known number */
	uint64_t host_mappings, host_mappings_worst;
	uint64_t chunks, chunk_live_bytes, chunk_peak_bytes;
	uint64_t waits[EX_GROWTH_LOCKS];
	struct ex_arena *arenas;
	size_t arena_count;
	struct ex_growth_bucket *buckets;
	size_t bucket_count;
	struct ex_growth_module *modules;
	size_t module_count;
	struct ex_growth_hook *hooks;
	size_t hook_count;
};

void ex_growth_build(struct ex_growth *growth, const struct ex_image *image, struct ex_symbols *symbols,
		     const struct ex_allocator *allocators, size_t allocator_count);
/* a section of the report; nothing when nothing was recorded */
void ex_growth_text(const struct ex_growth *growth, FILE *out, int is_colour);
struct ex_emit;
void ex_growth_json(const struct ex_growth *growth, struct ex_emit *emit);
const char *ex_arena_name(const struct ex_arena *arena); /* "main", "0x7f…", "unknown" */
const char *ex_growth_errno(int error);
const char *ex_growth_module_name(const struct ex_growth_module *row);

/* growth_steps.c: the events in time order, each with its heap */
void ex_steps_build(struct ex_steps *steps, const struct ex_image *image);
/* whether a step is a call that a treatment refused, so that the system was never asked */
int ex_step_is_treated(const struct ex_step *step);
/* whether it made an arena of glibc's larger, or tried to */
int ex_step_is_arenas(const struct ex_step *step);
/* the arena a step belongs to: an address, or one of these two */
#define EX_ARENA_UNKNOWN 0
#define EX_ARENA_MAIN 1
uint64_t ex_step_arena(const struct ex_steps *steps, const struct ex_step *step);
/* the same, with a heap of no known arena standing for itself: for telling growths apart */
uint64_t ex_step_owner(const struct ex_steps *steps, const struct ex_step *step);
/* growth_arenas.c: main first, then by first appearance, the unknown last; returns their number */
size_t ex_steps_arenas(const struct ex_steps *steps, struct ex_arena **list);
/* growth_mappings.c: largest number of host mappings at a time; is_worst: as if arenas took turns wherever they could */
uint64_t ex_steps_mappings(const struct ex_steps *steps, int is_worst);
/* growth_modules.c: returns the number of rows */
size_t ex_steps_modules(const struct ex_steps *steps, struct ex_symbols *symbols, const struct ex_allocator *allocators,
			size_t allocator_count, struct ex_growth_module **rows);

#endif
