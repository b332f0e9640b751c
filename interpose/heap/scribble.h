/*
 * scribble.h: treatment scribble: what malloc gives out is filled with 0xAA, what is given back with 0x55. A program that uses memory
 * before it has written it, or after it has freed it, then finds the same every time, and an address made of it is none.
 * Only blocks that the wrapped family is known to have given out are filled when they go: a second free of one must find what
 * the allocator left there.
 */
#ifndef EX_HEAP_SCRIBBLE_H
#define EX_HEAP_SCRIBBLE_H

#include "own.h"
#include "wire.h"

/* up to EX_SCRIBBLE_BYTES of it: large blocks are mostly untouched pages, and go back to the system */
void ex_scribble(void *block, size_t from, size_t to, unsigned char byte) __attribute__((cold, visibility("hidden")));

EX_ALWAYS int ex_scribbles(uint32_t mode, int is_outermost, enum ex_heap_row row, const void *block)
{
	return __builtin_expect(mode & EX_HEAP_SCRIBBLE, 0) && is_outermost && block && ex_heap_real.is_sized[row];
}

EX_ALWAYS void *ex_scribble_fresh(uint32_t mode, int is_outermost, enum ex_heap_row row, void *block)
{
	if (ex_scribbles(mode, is_outermost, row, block) && row != EX_ROW_calloc)
		ex_scribble(block, 0, ex_heap_real.p_malloc_usable_size(block), EX_SCRIBBLE_FRESH);
	return block;
}

/* own: of ex_own_may_take */
EX_ALWAYS void ex_scribble_freed(uint32_t mode, int is_outermost, enum ex_heap_row row, void *block, enum ex_own own)
{
	if (ex_scribbles(mode, is_outermost, row, block) && own == EX_OWN_CERTAINLY)
		ex_scribble(block, 0, ex_heap_real.p_malloc_usable_size(block), EX_SCRIBBLE_FREED);
}

/* before realloc: as far as the program may have written; SIZE_MAX: nobody knows */
EX_ALWAYS size_t ex_scribble_before(uint32_t mode, int is_outermost, enum ex_heap_row row, void *block, enum ex_own own)
{
	if (!block)
		return 0;
	return ex_scribbles(mode, is_outermost, row, block) && own == EX_OWN_CERTAINLY
		       ? ex_heap_real.p_malloc_usable_size(block)
		       : SIZE_MAX;
}

/* behind it: what it has grown by */
EX_ALWAYS void ex_scribble_grown(uint32_t mode, int is_outermost, enum ex_heap_row row, void *block, size_t before)
{
	if (ex_scribbles(mode, is_outermost, row, block) && before != SIZE_MAX)
		ex_scribble(block, before, ex_heap_real.p_malloc_usable_size(block), EX_SCRIBBLE_FRESH);
}

#endif
