/*
 * guard.c: see guard.h. What is rare enough to be no part of a wrapper.
 */
#include "guard.h"

#include <string.h>

int ex_guard_resized(void *block, size_t bytes, void **result, uintptr_t pc, uintptr_t sp, uintptr_t fp)
{
	int is_ours = ex_pages_has(block);
	if (!bytes) { /* which may mean that it is freed */
		if (!is_ours)
			return 0;
		ex_pages_give(block, pc, sp, fp);
		/* and may not: mimalloc gives a block out */
		void *one = ex_heap_real.p_malloc(1);
		*result = one ? ex_heap_real.p_realloc(one, 0) : NULL;
		return 1;
	}
	if (is_ours && !ex_pages_is_live(block)) { /* it was given back before: told, and the end */
		ex_pages_give(block, pc, sp, fp);
		return 1;
	}
	void *fresh = ex_pages_take(bytes, 0, pc, sp, fp);
	if (!fresh && !is_ours)
		return 0;
	if (!fresh)
		fresh = ex_heap_real.p_malloc(bytes);
	*result = fresh;
	if (!fresh || !block)
		return 1;
	size_t had = is_ours ? ex_pages_bytes(block) : ex_usable(block);
	memcpy(fresh, block, had < bytes ? had : bytes);
	if (is_ours)
		ex_pages_give(block, pc, sp, fp);
	else
		ex_heap_real.p_free(block);
	return 1;
}
