/*
 * own.h: treatments free=own and scribble: the blocks that the wrapped family has given out and not taken back. Blocks come also from
 * functions that are not wrapped (an allocator's own names): those look foreign, and are left alone.
 */
#ifndef EX_HEAP_OWN_H
#define EX_HEAP_OWN_H

#include "wrap.h"

enum ex_own {
	EX_OWN_NOT,	/* the wrapped family never gave it out */
	EX_OWN_PERHAPS, /* not known, or not asked for */
	EX_OWN_CERTAINLY,
};

void ex_own_add(uintptr_t block) __attribute__((cold));
/* whether it was given out, and it is no more */
enum ex_own ex_own_take(uintptr_t block) __attribute__((cold));
/* a block that was not is not freed: told. fn: function that would free it */
void ex_own_tell_foreign(uintptr_t block, uintptr_t fn, uintptr_t caller) __attribute__((cold));

/* a call inside another one of the family is the allocator's own business */
EX_ALWAYS void *ex_own_given(uint32_t mode, int is_outermost, void *block)
{
	if (__builtin_expect(mode & (EX_HEAP_OWN | EX_HEAP_SCRIBBLE), 0) && is_outermost && block)
		ex_own_add((uintptr_t)block);
	return block;
}

EX_ALWAYS enum ex_own ex_own_may_take(uint32_t mode, int is_outermost, const void *block, uintptr_t fn)
{
	if (__builtin_expect(!(mode & (EX_HEAP_OWN | EX_HEAP_SCRIBBLE)), 1) || !is_outermost || !block)
		return EX_OWN_PERHAPS;
	enum ex_own own = ex_own_take((uintptr_t)block);
	if (own != EX_OWN_NOT)
		return own;
	if (!(mode & EX_HEAP_OWN))
		return EX_OWN_PERHAPS;
	ex_own_tell_foreign((uintptr_t)block, fn, (uintptr_t)__builtin_return_address(0));
	return EX_OWN_NOT;
}

#endif
