/*
 * keep.h: treatment keep=exec, for code in blocks of malloc: what was executable of a block that is freed stays reserved without
 * access, and the block is not freed.
 */
#ifndef EX_HEAP_KEEP_H
#define EX_HEAP_KEEP_H

#include "wrap.h"

/* 1: it must not be freed */
int ex_keep_freed(enum ex_heap_row row, const void *block, uintptr_t caller)
	__attribute__((cold, visibility("hidden")));

EX_ALWAYS int ex_keeps_freed(uint32_t mode, int is_outermost, enum ex_heap_row row, const void *block)
{
	return __builtin_expect(mode & EX_HEAP_KEEP, 0) && is_outermost && block &&
	       ex_keep_freed(row, block, (uintptr_t)__builtin_return_address(0));
}

#endif
