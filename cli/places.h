/*
 * places.h: where every thread was when the process died: those that died with it, at their own fault; the others, where
 * the library found them. Out of the events CRASH and THREAD_PLACE.
 */
#ifndef EX_PLACES_H
#define EX_PLACES_H

#include "teardown.h"

struct ex_thread_at {
	uint32_t tid;
	const char *name;	 /* NULL */
	int is_dying;		 /* it died too, of a fault of its own; the first of the list is the one that spoke */
	struct ex_place *frames; /* innermost first, without ours; may be none */
	int frame_count;
	uint64_t arena; /* that it grew last, as ex_step_arena has it; EX_ARENA_UNKNOWN: it grew none */
};

/* the thread that died first; none without a crash. Returns their number */
size_t ex_places_find(const struct ex_teardown *teardown, struct ex_thread_at **list);
/* a thread's arena: "main", "0x7f…", NULL */
const char *ex_places_arena(const struct ex_thread_at *thread);

#endif
