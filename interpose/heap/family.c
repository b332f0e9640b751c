/*
 * family.c: malloc and its family, as exported. Each only passes on what it was given: alignment, zeroing, errno and
 * what a failure looks like are those of the function behind it.
 *
 * Each has a short way, for calls that are counted and nothing else, and a general one, which it ends with, so that both
 * see the same return address.
 */
#include "keep.h"
#include "own.h"
#include "real.h"
#include "scribble.h"

#define ENOMEM_ 12

/* names come put together: alone they would be expanded, and the family's are banned here */
#define SHORT(ret, wrapper, general, row, real, params, args, ...)                                                     \
	ret wrapper params                                                                                             \
	{                                                                                                              \
		struct ex_counters *c = ex_heap_is_plain();                                                            \
		if (__builtin_expect(!c, 0))                                                                           \
			return general args;                                                                           \
		ex_heap_enter_plain(c, row, __VA_ARGS__);                                                              \
		ret result = ex_heap_real.real args;                                                                   \
		ex_heap_leave_plain();                                                                                 \
		return result;                                                                                         \
	}

#define WRAP_ALLOC(name, params, args, bytes)                                                                          \
	EX_GENERAL void *general_##name params                                                                         \
	{                                                                                                              \
		uint32_t mode = ex_heap_now();                                                                         \
		int is_outermost = ex_heap_enter(mode, EX_ROW_##name, EX_SIZE(bytes));                                 \
		void *result = ex_own_given(mode, is_outermost, ex_heap_real.p_##name args);                           \
		ex_scribble_fresh(mode, is_outermost, EX_ROW_##name, result);                                          \
		ex_heap_tell_late(mode, is_outermost, EX_late_call_ALLOCATE, result, bytes);                           \
		ex_heap_leave(is_outermost);                                                                           \
		return result;                                                                                         \
	}                                                                                                              \
	SHORT(void *, ex_wrap_##name, general_##name, EX_ROW_##name, p_##name, params, args, EX_SIZE(bytes))

/* an old block is let go before: at once it may be given out again, to another thread */
#define WRAP_RESIZE(name, params, args, bytes)                                                                         \
	EX_GENERAL void *general_##name params                                                                         \
	{                                                                                                              \
		void *result = NULL;                                                                                   \
		uint32_t mode = ex_heap_now();                                                                         \
		int is_outermost = ex_heap_enter(mode, EX_ROW_##name, EX_SIZE(bytes));                                 \
		ex_heap_tell_late(mode, is_outermost, EX_late_call_RESIZE, block, bytes);                              \
		enum ex_own own = ex_own_may_take(mode, is_outermost, block, (uintptr_t)ex_heap_real.p_##name);        \
		if (own != EX_OWN_NOT) {                                                                               \
			size_t before = ex_scribble_before(mode, is_outermost, EX_ROW_##name, block, own);             \
			result = ex_heap_real.p_##name args;                                                           \
			ex_scribble_grown(mode, is_outermost, EX_ROW_##name, result, before);                          \
			ex_own_given(mode, is_outermost, result || !(bytes) ? result : block);                         \
		} else {                                                                                               \
			*ex_errno() = ENOMEM_;                                                                         \
		}                                                                                                      \
		ex_heap_leave(is_outermost);                                                                           \
		return result;                                                                                         \
	}                                                                                                              \
	SHORT(void *, ex_wrap_##name, general_##name, EX_ROW_##name, p_##name, params, args, EX_SIZE(bytes))

#define WRAP_RELEASE(name)                                                                                             \
	EX_GENERAL void general_##name(void *block)                                                                    \
	{                                                                                                              \
		uint32_t mode = ex_heap_now();                                                                         \
		int is_outermost = ex_heap_enter(mode, EX_ROW_##name, EX_NO_SIZE);                                     \
		ex_heap_tell_late(mode, is_outermost, EX_late_call_RELEASE, block, 0);                                 \
		enum ex_own own = ex_own_may_take(mode, is_outermost, block, (uintptr_t)ex_heap_real.p_##name);        \
		ex_scribble_freed(mode, is_outermost, EX_ROW_##name, block, own);                                      \
		if (own != EX_OWN_NOT && !ex_keeps_freed(mode, is_outermost, EX_ROW_##name, block))                    \
			ex_heap_real.p_##name(block);                                                                  \
		ex_heap_leave(is_outermost);                                                                           \
	}                                                                                                              \
	void ex_wrap_##name(void *block)                                                                               \
	{                                                                                                              \
		struct ex_counters *c = ex_heap_is_plain();                                                            \
		if (__builtin_expect(!c, 0)) {                                                                         \
			general_##name(block);                                                                         \
			return;                                                                                        \
		}                                                                                                      \
		ex_heap_enter_plain(c, EX_ROW_##name, EX_NO_SIZE);                                                     \
		ex_heap_real.p_##name(block);                                                                          \
		ex_heap_leave_plain();                                                                                 \
	}

static inline size_t product(size_t count, size_t bytes)
{
	size_t all;
	return __builtin_mul_overflow(count, bytes, &all) ? SIZE_MAX : all;
}

EX_GENERAL int general_posix_memalign(void **block, size_t alignment, size_t bytes)
{
	uint32_t mode = ex_heap_now();
	int is_outermost = ex_heap_enter(mode, EX_ROW_posix_memalign, EX_SIZE(bytes));
	int error = ex_heap_real.p_posix_memalign(block, alignment, bytes);
	if (!error)
		ex_scribble_fresh(mode, is_outermost, EX_ROW_posix_memalign, ex_own_given(mode, is_outermost, *block));
	ex_heap_tell_late(mode, is_outermost, EX_late_call_ALLOCATE, error ? NULL : *block, bytes);
	ex_heap_leave(is_outermost);
	return error;
}

EX_GENERAL size_t general_malloc_usable_size(void *block)
{
	int is_outermost = ex_heap_enter(ex_heap_now(), EX_ROW_malloc_usable_size, EX_NO_SIZE);
	size_t bytes = ex_heap_real.p_malloc_usable_size(block);
	ex_heap_leave(is_outermost);
	return bytes;
}

WRAP_ALLOC(malloc, (size_t bytes), (bytes), bytes)
WRAP_ALLOC(calloc, (size_t count, size_t bytes), (count, bytes), product(count, bytes))
WRAP_RESIZE(realloc, (void *block, size_t bytes), (block, bytes), bytes)
WRAP_RESIZE(reallocarray, (void *block, size_t count, size_t bytes), (block, count, bytes), product(count, bytes))
WRAP_ALLOC(aligned_alloc, (size_t alignment, size_t bytes), (alignment, bytes), bytes)
WRAP_ALLOC(memalign, (size_t alignment, size_t bytes), (alignment, bytes), bytes)
WRAP_ALLOC(valloc, (size_t bytes), (bytes), bytes)
WRAP_ALLOC(pvalloc, (size_t bytes), (bytes), bytes)
SHORT(int, ex_wrap_posix_memalign, general_posix_memalign, EX_ROW_posix_memalign, p_posix_memalign,
      (void **block, size_t alignment, size_t bytes), (block, alignment, bytes), EX_SIZE(bytes))
SHORT(size_t, ex_wrap_malloc_usable_size, general_malloc_usable_size, EX_ROW_malloc_usable_size, p_malloc_usable_size,
      (void *block), (block), EX_NO_SIZE)
WRAP_RELEASE(free)
WRAP_RELEASE(cfree)
