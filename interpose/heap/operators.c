/*
 * operators.c: operator new and delete in every form, as exported.
 *
 * The default ones of a C++ runtime call malloc and free, whose wrappers do the rest; while they run a program's new
 * handler, or throw, nothing of ours is held. An allocator that brings its own does the work in them.
 */
#include "guard.h"
#include "keep.h"
#include "own.h"
#include "scribble.h"

#define WRAP_NEW(name, params, args, larger, alignment)                                                                \
	void *ex_wrap_##name params                                                                                    \
	{                                                                                                              \
		uint32_t mode = ex_heap_now();                                                                         \
		if (!ex_heap_real.is_allocator[EX_ROW_##name]) {                                                       \
			ex_heap_count(mode, EX_ROW_##name);                                                            \
			return ex_heap_real.p_##name args;                                                             \
		}                                                                                                      \
		int is_outermost = ex_heap_enter(mode, EX_ROW_##name, EX_SIZE(bytes));                                 \
		size_t more = ex_guard_more(mode, is_outermost);                                                       \
		void *block = ex_guard_pages(mode, is_outermost, bytes, alignment);                                    \
		if (__builtin_expect(!block, 1)) {                                                                     \
			block = ex_own_given(mode, is_outermost, ex_heap_real.p_##name larger);                        \
			ex_scribble_fresh(mode, is_outermost, EX_ROW_##name, block);                                   \
			ex_guard_given(more, block, bytes);                                                            \
		}                                                                                                      \
		ex_heap_tell_late(mode, is_outermost, EX_late_call_ALLOCATE, block, bytes);                            \
		ex_heap_leave(is_outermost);                                                                           \
		return block;                                                                                          \
	}

/* a size in args is what the allocator was asked for, `more` included: it may find the block's class by it */
#define WRAP_DELETE(name, params, args)                                                                                \
	void ex_wrap_##name params                                                                                     \
	{                                                                                                              \
		uint32_t mode = ex_heap_now();                                                                         \
		if (!ex_heap_real.is_allocator[EX_ROW_##name]) {                                                       \
			const size_t more = 0;                                                                         \
			ex_heap_count(mode, EX_ROW_##name);                                                            \
			ex_heap_real.p_##name args;                                                                    \
			(void)more;                                                                                    \
			return;                                                                                        \
		}                                                                                                      \
		int is_outermost = ex_heap_enter(mode, EX_ROW_##name, EX_NO_SIZE);                                     \
		ex_heap_tell_late(mode, is_outermost, EX_late_call_RELEASE, block, 0);                                 \
		if (ex_guard_gave(mode, block)) {                                                                      \
			ex_heap_leave(is_outermost);                                                                   \
			return;                                                                                        \
		}                                                                                                      \
		enum ex_own own = ex_own_may_take(mode, is_outermost, block, (uintptr_t)ex_heap_real.p_##name);        \
		if (own != EX_OWN_NOT && !ex_keeps_freed(mode, is_outermost, EX_ROW_##name, block)) {                  \
			size_t more = ex_guard_more(mode, is_outermost);                                               \
			if (more && ex_guard_taken(more, block, EX_damage_FREE) == SIZE_MAX)                           \
				more = 0;                                                                              \
			ex_scribble_freed(mode, is_outermost, EX_ROW_##name, block, own);                              \
			ex_heap_real.p_##name args;                                                                    \
		}                                                                                                      \
		ex_heap_leave(is_outermost);                                                                           \
	}

WRAP_NEW(_Znwm, (size_t bytes), (bytes), (ex_guard_ask(bytes, more)), 0)
WRAP_NEW(_Znam, (size_t bytes), (bytes), (ex_guard_ask(bytes, more)), 0)
WRAP_NEW(_ZnwmRKSt9nothrow_t, (size_t bytes, const void *nothrow), (bytes, nothrow),
	 (ex_guard_ask(bytes, more), nothrow), 0)
WRAP_NEW(_ZnamRKSt9nothrow_t, (size_t bytes, const void *nothrow), (bytes, nothrow),
	 (ex_guard_ask(bytes, more), nothrow), 0)
WRAP_NEW(_ZnwmSt11align_val_t, (size_t bytes, size_t alignment), (bytes, alignment),
	 (ex_guard_ask(bytes, more), alignment), alignment)
WRAP_NEW(_ZnamSt11align_val_t, (size_t bytes, size_t alignment), (bytes, alignment),
	 (ex_guard_ask(bytes, more), alignment), alignment)
WRAP_NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, (size_t bytes, size_t alignment, const void *nothrow),
	 (bytes, alignment, nothrow), (ex_guard_ask(bytes, more), alignment, nothrow), alignment)
WRAP_NEW(_ZnamSt11align_val_tRKSt9nothrow_t, (size_t bytes, size_t alignment, const void *nothrow),
	 (bytes, alignment, nothrow), (ex_guard_ask(bytes, more), alignment, nothrow), alignment)

WRAP_DELETE(_ZdlPv, (void *block), (block))
WRAP_DELETE(_ZdaPv, (void *block), (block))
WRAP_DELETE(_ZdlPvm, (void *block, size_t bytes), (block, bytes + more))
WRAP_DELETE(_ZdaPvm, (void *block, size_t bytes), (block, bytes + more))
WRAP_DELETE(_ZdlPvRKSt9nothrow_t, (void *block, const void *nothrow), (block, nothrow))
WRAP_DELETE(_ZdaPvRKSt9nothrow_t, (void *block, const void *nothrow), (block, nothrow))
WRAP_DELETE(_ZdlPvSt11align_val_t, (void *block, size_t alignment), (block, alignment))
WRAP_DELETE(_ZdaPvSt11align_val_t, (void *block, size_t alignment), (block, alignment))
WRAP_DELETE(_ZdlPvmSt11align_val_t, (void *block, size_t bytes, size_t alignment), (block, bytes + more, alignment))
WRAP_DELETE(_ZdaPvmSt11align_val_t, (void *block, size_t bytes, size_t alignment), (block, bytes + more, alignment))
WRAP_DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, (void *block, size_t alignment, const void *nothrow),
	    (block, alignment, nothrow))
WRAP_DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, (void *block, size_t alignment, const void *nothrow),
	    (block, alignment, nothrow))
