/*
 * family.c: malloc and its family, as exported. Each only passes on what it was given: alignment, zeroing, errno and
 * what a failure looks like are those of the function behind it.
 */
#include "wrap.h"

#define WRAP(ret, name, params, args, ...)                                                                             \
	EX_GENERAL ret general_##name params                                                                           \
	{                                                                                                              \
		int is_outermost = ex_heap_enter(ex_heap_now(), EX_ROW_##name, __VA_ARGS__);                           \
		ret result = ex_heap_real.p_##name args;                                                               \
		ex_heap_leave(is_outermost);                                                                           \
		return result;                                                                                         \
	}                                                                                                              \
	ret ex_wrap_##name params                                                                                      \
	{                                                                                                              \
		struct ex_counters *c = ex_heap_is_plain();                                                            \
		if (__builtin_expect(!c, 0))                                                                           \
			return general_##name args;                                                                    \
		ex_heap_enter_plain(c, EX_ROW_##name, __VA_ARGS__);                                                    \
		ret result = ex_heap_real.p_##name args;                                                               \
		ex_heap_leave_plain();                                                                                 \
		return result;                                                                                         \
	}

#define WRAP_RELEASE(name)                                                                                             \
	EX_GENERAL void general_##name(void *block)                                                                    \
	{                                                                                                              \
		int is_outermost = ex_heap_enter(ex_heap_now(), EX_ROW_##name, EX_NO_SIZE);                            \
		ex_heap_real.p_##name(block);                                                                          \
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

WRAP(void *, malloc, (size_t bytes), (bytes), EX_SIZE(bytes))
WRAP(void *, calloc, (size_t count, size_t bytes), (count, bytes), EX_SIZE(product(count, bytes)))
WRAP(void *, realloc, (void *block, size_t bytes), (block, bytes), EX_SIZE(bytes))
WRAP(void *, reallocarray, (void *block, size_t count, size_t bytes), (block, count, bytes),
     EX_SIZE(product(count, bytes)))
WRAP(int, posix_memalign, (void **block, size_t alignment, size_t bytes), (block, alignment, bytes), EX_SIZE(bytes))
WRAP(void *, aligned_alloc, (size_t alignment, size_t bytes), (alignment, bytes), EX_SIZE(bytes))
WRAP(void *, memalign, (size_t alignment, size_t bytes), (alignment, bytes), EX_SIZE(bytes))
WRAP(void *, valloc, (size_t bytes), (bytes), EX_SIZE(bytes))
WRAP(void *, pvalloc, (size_t bytes), (bytes), EX_SIZE(bytes))
WRAP(size_t, malloc_usable_size, (void *block), (block), EX_NO_SIZE)
WRAP_RELEASE(free)
WRAP_RELEASE(cfree)
