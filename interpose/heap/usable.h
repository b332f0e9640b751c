/*
 * usable.h: how many bytes a block has, more than were asked for: of glibc's malloc out of the chunk's header, of others by
 * malloc_usable_size.
 */
#ifndef EX_HEAP_USABLE_H
#define EX_HEAP_USABLE_H

#include "table.h"

enum { EX_USABLE_UNKNOWN, EX_USABLE_ASK, EX_USABLE_HEADER };
extern int ex_usable_way __attribute__((visibility("hidden")));

void ex_usable_prepare(void);

static inline __attribute__((always_inline)) size_t ex_usable(void *block)
{
	if (__builtin_expect(ex_usable_way == EX_USABLE_HEADER, 1)) {
		/* malloc/malloc.c: the word below a block is its chunk's size, with three flags; a chunk that has a mapping
		 * of its own (2) does not use the next one's first word */
		size_t size = ((const size_t *)block)[-1];
		return (size & ~(size_t)7) - (size & 2 ? 2 : 1) * sizeof(size_t);
	}
	return ex_heap_real.p_malloc_usable_size(block);
}

#endif
