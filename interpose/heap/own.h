/*
 * own.h: treatment free=own: the blocks that the wrapped family has given out and not taken back. Blocks come also from
 * functions that are not wrapped (an allocator's own names): those look foreign, and are left alone.
 */
#ifndef EX_HEAP_OWN_H
#define EX_HEAP_OWN_H

#include "wrap.h"

void ex_own_add(uintptr_t block) __attribute__((cold));
/* 1: it was given out, and is no more; 0: it never was, which is told. fn: function that would free it */
int ex_own_take(uintptr_t block, uintptr_t fn, uintptr_t caller) __attribute__((cold));

/* a call inside another one of the family is the allocator's own business */
EX_ALWAYS void *ex_own_given(uint32_t mode, int is_outermost, void *block)
{
	if (__builtin_expect(mode & EX_HEAP_OWN, 0) && is_outermost && block)
		ex_own_add((uintptr_t)block);
	return block;
}

EX_ALWAYS int ex_own_may_take(uint32_t mode, int is_outermost, const void *block, uintptr_t fn)
{
	if (__builtin_expect(!(mode & EX_HEAP_OWN), 1) || !is_outermost || !block)
		return 1;
	return ex_own_take((uintptr_t)block, fn, (uintptr_t)__builtin_return_address(0));
}

#endif
