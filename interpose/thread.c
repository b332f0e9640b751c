/*
 * thread.c: see thread.h.
 */
#include "thread.h"

#include "arch/arch.h"
#include "os/os.h"

__thread struct ex_thread ex_self;
__thread int ex_vforked;

uint32_t ex_thread_tid(void)
{
	if (!ex_self.tid)
		ex_self.tid = ex_os_tid();
	return ex_self.tid;
}

size_t ex_thread_stack_above(uintptr_t sp, size_t max)
{
	uintptr_t top = ex_self.stack_top, page = ex_os_page_bytes();
	/* a thread that we did not see start, or a signal stack: the rest of this page is all that is certain */
	if (sp >= top || top - sp > (64u << 20))
		top = (sp | (page - 1)) + 1;
	return top - sp < max ? top - sp : max;
}
