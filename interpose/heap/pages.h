/*
 * pages.h: blocks on pages of their own, for treatment guard=site:|ends|starts|sample:. A page without access follows each
 * (or goes before it), and a block that is given back stays without access for good: the store, or the use after free,
 * faults where it happens.
 */
#ifndef EX_HEAP_PAGES_H
#define EX_HEAP_PAGES_H

#include "pages_room.h"
#include "site.h"

#include <stddef.h>

static inline __attribute__((always_inline)) int ex_pages_has(const void *block)
{
	return (uintptr_t)block - ex_pages_begin < ex_pages_end - ex_pages_begin;
}

/* 1, or 0 when there is no address space for it */
int ex_pages_prepare(void);
/* a zeroed block, if this call is one of those that are guarded; NULL: it is not, or nothing more can be guarded.
 * alignment 0: as malloc's, or less where the site was named, so that the block's last byte is the page's */
void *ex_pages_take(size_t bytes, size_t alignment, uintptr_t pc, uintptr_t sp, uintptr_t fp);
/* of a block in here; twice, or one that was never given out, is told and ends the process as it would end there: by abort */
void ex_pages_give(void *block, uintptr_t pc, uintptr_t sp, uintptr_t fp);
int ex_pages_is_live(const void *block); /* given out, and not yet given back */
/* bytes that were asked for; 0 when it is none of ours */
size_t ex_pages_bytes(const void *block);
/* the kernel was to write bytes from there on, and has written got of them: tells it where a guard was why */
void ex_pages_tell_call(uintptr_t at, size_t bytes, size_t got, const char *call, const struct ex_cfi_frame *caller);
/* at a crash: tells whose the memory at that address was, and who had given it back */
void ex_pages_tell_fault(uintptr_t address);

#endif
