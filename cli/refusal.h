/*
 * refusal.h: growths of memory that the system refused to a process, and that its allocator did not make good in
 * another way. Out of the events GROWTH.
 */
#ifndef EX_REFUSAL_H
#define EX_REFUSAL_H

#include "process.h"

/* refused calls of one thread, with no granted growth of its between them: mostly the tries of one call of malloc */
struct ex_refusal {
	uint32_t tid;
	unsigned calls;
	const struct ex_event *first, *last;
	const struct ex_event *least; /* the smallest: nearest to what the program had asked for */
	int is_allocators;	      /* else a mapping that no allocator asked for, as a thread's stack */
	int gave_back;		      /* the thread gave memory back afterwards */
	int went_on;		      /* it grew afterwards, by less than had been refused */
};

struct ex_refusals {
	struct ex_refusal *list; /* in the order of their last calls */
	size_t count;
	unsigned made_good;  /* refused calls that another call made up for at once */
	unsigned by_setting; /* refused by treatment fail=, not by the system */
};

/* those before end_ns */
void ex_refusals_find(struct ex_refusals *refusals, const struct ex_image *image, uint64_t end_ns);
/* whether in any process growth of so many bytes, or fewer, was refused */
int ex_refusals_reach(const struct ex_processes *processes, uint64_t bytes);
/* "mmap of 1 MiB (mmap-chunk): ENOMEM" */
const char *ex_refusal_text(const struct ex_event *event);

#endif
