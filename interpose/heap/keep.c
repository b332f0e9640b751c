/*
 * keep.c: see keep.h.
 */
#include "keep.h"

#include "code.h"
#include "os/os.h"
#include "quarantine.h"

int ex_keep_freed(enum ex_heap_row row, const void *block, uintptr_t caller)
{
	uintptr_t page = ex_os_page_bytes() - 1, first = ((uintptr_t)block + page) & ~page;
	/* the first whole page behind its begin is code, or none of it is: blocks for code are aligned to pages. The page may be
	 * the next block's */
	if (!ex_heap_real.is_sized[row] || !ex_code_is_in(first, 1))
		return 0;
	return ex_quarantine_freed((uintptr_t)block, ex_heap_real.p_malloc_usable_size((void *)block), caller);
}
