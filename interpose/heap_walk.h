/*
 * heap_walk.h: where the main heap of glibc's malloc stops to be one. When malloc gives up, or dies, its message says what it met and
 * not where: each of its chunks says how long it is, so the first whose word makes no sense was written over, and what lies
 * right below it is whose end that was.
 */
#ifndef EX_HEAP_WALK_H
#define EX_HEAP_WALK_H

#include <stdint.h>

/* at a crash, for the mapping that the map calls [heap]: tells the first chunk that does not fit, if there is one. Memory is
 * read by the system, so that nothing faults; a heap of more than a GiB is left alone */
void ex_heap_walk_tell(uintptr_t begin, uintptr_t end);

#endif
