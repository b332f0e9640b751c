/*
 * contention.h: waits for the locks of allocators.
 */
#ifndef EX_CONTENTION_H
#define EX_CONTENTION_H

#include "object.h"

/* mutexes that this object locks from now on are seen, those of others are not */
void ex_contention_watch(const struct ex_object *allocator);

#endif
