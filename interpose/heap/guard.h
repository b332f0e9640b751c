/*
 * guard.h: treatment guard, as the wrappers of the malloc family see it.
 */
#ifndef EX_HEAP_GUARD_H
#define EX_HEAP_GUARD_H

#include "expand.h"
#include "pages.h"
#include "slack.h"
#include "wrap.h"

/* more than was asked for is got, where the guard is on and the call is the program's own. Sizes that no address space holds
 * fail as they would */
EX_ALWAYS size_t ex_guard_more(uint32_t mode, int is_outermost)
{
	return __builtin_expect(mode & EX_HEAP_GUARD, 0) && is_outermost ? EX_SLACK_BYTES : 0;
}

EX_ALWAYS size_t ex_guard_ask(size_t bytes, size_t more)
{
	return __builtin_expect(bytes > (size_t)1 << 46, 0) ? bytes : bytes + more;
}

/* alignments are powers of two; aligned_alloc may want a multiple of them */
EX_ALWAYS size_t ex_guard_ask_aligned(size_t bytes, size_t alignment, size_t more)
{
	if (__builtin_expect(!more, 1) || bytes > (size_t)1 << 46 || alignment > (size_t)1 << 46)
		return bytes;
	return bytes % alignment ? bytes + more : bytes + (more > alignment ? more : alignment);
}

EX_ALWAYS void *ex_guard_given(size_t more, void *block, size_t bytes)
{
	if (__builtin_expect(more != 0, 0) && block)
		ex_slack_mark(block, bytes, EX_SITE_CALLER);
	return block;
}

/* a block without a mark, at a place where one may have been given back: mimalloc's answer to a resize to no bytes */
EX_ALWAYS void ex_guard_gave_bare(size_t marks, void *block)
{
	if (__builtin_expect(marks != 0, 0) && block)
		ex_slack_forget(block);
}

EX_ALWAYS size_t ex_guard_taken(size_t more, void *block, int when)
{
	if (__builtin_expect(!more, 1) || !block)
		return SIZE_MAX;
	return ex_slack_unmark(block, when, EX_SITE_CALLER);
}

EX_ALWAYS void ex_guard_kept(size_t more, void *block, size_t bytes)
{
	if (__builtin_expect(more != 0, 0) && block && bytes != SIZE_MAX)
		ex_slack_mark(block, bytes, EX_SITE_CALLER);
}

/* a block on pages of its own; NULL: this call gets one from the allocator */
EX_ALWAYS void *ex_guard_pages(uint32_t mode, int is_outermost, size_t bytes, size_t alignment)
{
	if (__builtin_expect(!(mode & EX_HEAP_PAGES), 1) || !is_outermost)
		return NULL;
	return ex_pages_take(bytes, alignment, EX_SITE_CALLER);
}

/* 1: it was one of those, and is given back */
EX_ALWAYS int ex_guard_gave(uint32_t mode, void *block)
{
	if (__builtin_expect(!(mode & EX_HEAP_PAGES), 1) || !ex_pages_has(block))
		return 0;
	ex_pages_give(block, EX_SITE_CALLER);
	return 1;
}

/* guard=sample: this call is not one that is guarded, nor the first of its thread */
EX_ALWAYS int ex_guard_passes(void)
{
	uint32_t *left = &ex_self.until_guarded;
	return __builtin_expect(*left > 1, 1) && --*left;
}

/* a resize from, or to, pages of its own: 1 when it was done, and result is what it returns */
int ex_guard_resized(void *block, size_t bytes, void **result, uintptr_t pc, uintptr_t sp, uintptr_t fp);

EX_ALWAYS int ex_guard_resize(uint32_t mode, int is_outermost, void *block, size_t bytes, void **result)
{
	if (__builtin_expect(!(mode & EX_HEAP_PAGES), 1) || (!is_outermost && !ex_pages_has(block)))
		return 0;
	return ex_guard_resized(block, bytes, result, EX_SITE_CALLER);
}

#endif
