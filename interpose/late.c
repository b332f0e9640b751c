/*
 * late.c: see late.h.
 */
#include "late.h"

#include "stream.h"
#include "thread.h"

#define CALLS_MAX 4096

static uint32_t count;

void ex_late_call(int kind, uintptr_t block, size_t bytes, uintptr_t caller)
{
	if (__atomic_load_n(&count, __ATOMIC_RELAXED) >= CALLS_MAX || !ex_enter())
		return;
	if (__atomic_fetch_add(&count, 1, __ATOMIC_RELAXED) < CALLS_MAX)
		EX_PUT(LATE_CALL, late_call,
		       (.kind = (uint8_t)kind, .id = ex_self.running, .block = block, .bytes = bytes,
			.caller = caller), );
	ex_leave();
}
