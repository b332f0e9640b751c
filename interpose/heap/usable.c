/*
 * usable.c: see usable.h.
 */
#include "usable.h"

#include "object.h"

int ex_usable_way;

/* malloc and what asks of a block come from the object that is libc: no preloaded allocator, and no debugging one, which has
 * headers of its own. Mixed ones are not asked for anything. */
static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct ex_object object;
	uintptr_t begin, end;
	(void)size;
	(void)arg;
	ex_object_from(&object, info);
	ex_object_range(&object, &begin, &end);
	if ((uintptr_t)ex_heap_real.p_malloc - begin >= end - begin)
		return 0;
	if ((uintptr_t)ex_heap_real.p_malloc_usable_size - begin < end - begin)
		ex_usable_way = ex_object_symbol(&object, "__libc_start_main") ? EX_USABLE_HEADER : EX_USABLE_ASK;
	return 1;
}

void ex_usable_prepare(void)
{
	if (!ex_usable_way)
		ex_object_each(visit, NULL);
}
