/*
 * family.c: malloc and its family, as exported. Each only passes on what it was given: alignment, zeroing, errno and
 * what a failure looks like are those of the function behind it.
 *
 * Each has a short way, for calls that are counted and nothing else, and a general one, which it ends with, so that both
 * see the same return address. The general one is there twice: for guard=slack alone the compiler leaves out the rest. What
 * guard=sample: does not choose goes on to the allocator as if there were no wrapper.
 */
#include "guard.h"
#include "keep.h"
#include "own.h"
#include "os/os.h"
#include "real.h"
#include "scribble.h"

#define ENOMEM_ 12

/* names come put together: alone they would be expanded, and the family's are banned here. straight: whether guard=sample: has
 * nothing to do with this call */
#define SHORT(ret, wrapper, general, slack, row, real, params, args, straight, ...)                                    \
	ret wrapper params                                                                                             \
	{                                                                                                              \
		uint32_t mode = *ex_heap_mode;                                                                         \
		struct ex_counters *c = ex_heap_is_plain(mode);                                                        \
		if (__builtin_expect(!c, 0)) {                                                                         \
			if (mode == EX_HEAP_SLACK_ONLY)                                                                \
				return slack args;                                                                     \
			if (mode == EX_HEAP_SAMPLE_ONLY && (straight))                                                 \
				return ex_heap_real.real args;                                                         \
			return general args;                                                                           \
		}                                                                                                      \
		ex_heap_enter_plain(c, row, __VA_ARGS__);                                                              \
		ret result = ex_heap_real.real args;                                                                   \
		ex_heap_leave_plain();                                                                                 \
		return result;                                                                                         \
	}

/* larger: args where `more` bytes are asked for, which may be 0 */
#define GENERAL_ALLOC(function, now, row, real, params, larger, bytes, alignment)                                      \
	EX_GENERAL void *function params                                                                               \
	{                                                                                                              \
		const uint32_t mode = now;                                                                             \
		int is_outermost = ex_heap_enter(mode, row, EX_SIZE(bytes));                                           \
		size_t more = ex_guard_more(mode, is_outermost);                                                       \
		void *result = ex_guard_pages(mode, is_outermost, bytes, alignment);                                   \
		if (__builtin_expect(!result, 1)) {                                                                    \
			result = ex_own_given(mode, is_outermost, ex_heap_real.real larger);                           \
			ex_scribble_fresh(mode, is_outermost, row, result);                                            \
			ex_guard_given(more, result, bytes);                                                           \
		}                                                                                                      \
		ex_heap_tell_late(mode, is_outermost, EX_late_call_ALLOCATE, result, bytes);                           \
		ex_heap_leave(is_outermost);                                                                           \
		return result;                                                                                         \
	}
#define WRAP_ALLOC(name, params, args, larger, bytes, alignment)                                                       \
	GENERAL_ALLOC(general_##name, ex_heap_now(), EX_ROW_##name, p_##name, params, larger, bytes, alignment)        \
	GENERAL_ALLOC(slack_##name, EX_HEAP_SLACK_ONLY, EX_ROW_##name, p_##name, params, larger, bytes, alignment)     \
	SHORT(void *, ex_wrap_##name, general_##name, slack_##name, EX_ROW_##name, p_##name, params, args,             \
	      ex_guard_passes(), EX_SIZE(bytes))

/* an old block is let go before: at once it may be given out again, to another thread */
#define GENERAL_RESIZE(function, now, row, real, params, larger, bytes)                                                \
	EX_GENERAL void *function params                                                                               \
	{                                                                                                              \
		void *result = NULL;                                                                                   \
		const uint32_t mode = now;                                                                             \
		int is_outermost = ex_heap_enter(mode, row, EX_SIZE(bytes));                                           \
		ex_heap_tell_late(mode, is_outermost, EX_late_call_RESIZE, block, bytes);                              \
		if (ex_guard_resize(mode, is_outermost, block, bytes, &result)) {                                      \
			ex_heap_leave(is_outermost);                                                                   \
			return result;                                                                                 \
		}                                                                                                      \
		enum ex_own own = ex_own_may_take(mode, is_outermost, block, (uintptr_t)ex_heap_real.real);            \
		if (own != EX_OWN_NOT) {                                                                               \
			size_t more = ex_guard_more(mode, is_outermost), marks = more;                                 \
			size_t asked = ex_guard_taken(more, block, EX_damage_RESIZE);                                  \
			size_t before = ex_scribble_before(mode, is_outermost, row, block, own);                       \
			/* no bytes at all may mean that it is freed, and must go on to mean that */                   \
			more = (bytes) ? more : 0;                                                                     \
			result = ex_heap_real.real larger;                                                             \
			ex_scribble_grown(mode, is_outermost, row, result, before);                                    \
			ex_guard_given(more, result, bytes);                                                           \
			if (!more)                                                                                     \
				ex_guard_gave_bare(marks, result);                                                     \
			if (!result)                                                                                   \
				ex_guard_kept(more, block, asked);                                                     \
			ex_own_given(mode, is_outermost, result || !(bytes) ? result : block);                         \
		} else {                                                                                               \
			*ex_errno() = ENOMEM_;                                                                         \
		}                                                                                                      \
		ex_heap_leave(is_outermost);                                                                           \
		return result;                                                                                         \
	}
#define WRAP_RESIZE(name, params, args, larger, bytes)                                                                 \
	GENERAL_RESIZE(general_##name, ex_heap_now(), EX_ROW_##name, p_##name, params, larger, bytes)                  \
	GENERAL_RESIZE(slack_##name, EX_HEAP_SLACK_ONLY, EX_ROW_##name, p_##name, params, larger, bytes)               \
	SHORT(void *, ex_wrap_##name, general_##name, slack_##name, EX_ROW_##name, p_##name, params, args,             \
	      !ex_pages_has(block) && ex_guard_passes(), EX_SIZE(bytes))

#define GENERAL_RELEASE(function, now, row, real)                                                                      \
	EX_GENERAL void function(void *block)                                                                          \
	{                                                                                                              \
		const uint32_t mode = now;                                                                             \
		int is_outermost = ex_heap_enter(mode, row, EX_NO_SIZE);                                               \
		ex_heap_tell_late(mode, is_outermost, EX_late_call_RELEASE, block, 0);                                 \
		if (ex_guard_gave(mode, block)) {                                                                      \
			ex_heap_leave(is_outermost);                                                                   \
			return;                                                                                        \
		}                                                                                                      \
		enum ex_own own = ex_own_may_take(mode, is_outermost, block, (uintptr_t)ex_heap_real.real);            \
		if (own != EX_OWN_NOT && !ex_keeps_freed(mode, is_outermost, row, block)) {                            \
			ex_guard_taken(ex_guard_more(mode, is_outermost), block, EX_damage_FREE);                      \
			ex_scribble_freed(mode, is_outermost, row, block, own);                                        \
			ex_heap_real.real(block);                                                                      \
		}                                                                                                      \
		ex_heap_leave(is_outermost);                                                                           \
	}
#define WRAP_RELEASE(name)                                                                                             \
	GENERAL_RELEASE(general_##name, ex_heap_now(), EX_ROW_##name, p_##name)                                        \
	GENERAL_RELEASE(slack_##name, EX_HEAP_SLACK_ONLY, EX_ROW_##name, p_##name)                                     \
	void ex_wrap_##name(void *block)                                                                               \
	{                                                                                                              \
		uint32_t mode = *ex_heap_mode;                                                                         \
		struct ex_counters *c = ex_heap_is_plain(mode);                                                        \
		if (__builtin_expect(!c, 0)) {                                                                         \
			if (mode == EX_HEAP_SLACK_ONLY)                                                                \
				slack_##name(block);                                                                   \
			else if (mode == EX_HEAP_SAMPLE_ONLY && !ex_pages_has(block))                                  \
				ex_heap_real.p_##name(block);                                                          \
			else                                                                                           \
				general_##name(block);                                                                 \
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
	size_t more = ex_guard_more(mode, is_outermost);
	/* an alignment that it refuses is not ours to grant */
	void *guarded =
		alignment % sizeof(void *) || !alignment ? NULL : ex_guard_pages(mode, is_outermost, bytes, alignment);
	int error = 0;
	if (guarded)
		*block = guarded;
	else
		error = ex_heap_real.p_posix_memalign(block, alignment, ex_guard_ask(bytes, more));
	if (!error && !guarded) {
		ex_scribble_fresh(mode, is_outermost, EX_ROW_posix_memalign, ex_own_given(mode, is_outermost, *block));
		ex_guard_given(more, *block, bytes);
	}
	ex_heap_tell_late(mode, is_outermost, EX_late_call_ALLOCATE, error ? NULL : *block, bytes);
	ex_heap_leave(is_outermost);
	return error;
}

EX_GENERAL size_t general_malloc_usable_size(void *block)
{
	uint32_t mode = ex_heap_now();
	int is_outermost = ex_heap_enter(mode, EX_ROW_malloc_usable_size, EX_NO_SIZE);
	size_t bytes = ex_guard_more(mode, is_outermost) ? ex_slack_bytes(block) : SIZE_MAX;
	if (mode & EX_HEAP_PAGES && ex_pages_has(block))
		bytes = ex_pages_bytes(block);
	else if (bytes == SIZE_MAX)
		bytes = ex_heap_real.p_malloc_usable_size(block);
	ex_heap_leave(is_outermost);
	return bytes;
}

WRAP_ALLOC(malloc, (size_t bytes), (bytes), (ex_guard_ask(bytes, more)), bytes, 0)
WRAP_ALLOC(calloc, (size_t count, size_t bytes), (count, bytes),
	   (more ? 1 : count, more ? ex_guard_ask(product(count, bytes), more) : bytes), product(count, bytes), 0)
WRAP_RESIZE(realloc, (void *block, size_t bytes), (block, bytes), (block, ex_guard_ask(bytes, more)), bytes)
WRAP_RESIZE(reallocarray, (void *block, size_t count, size_t bytes), (block, count, bytes),
	    (block, more ? 1 : count, more ? ex_guard_ask(product(count, bytes), more) : bytes), product(count, bytes))
WRAP_ALLOC(aligned_alloc, (size_t alignment, size_t bytes), (alignment, bytes),
	   (alignment, ex_guard_ask_aligned(bytes, alignment, more)), bytes, alignment)
WRAP_ALLOC(memalign, (size_t alignment, size_t bytes), (alignment, bytes), (alignment, ex_guard_ask(bytes, more)),
	   bytes, alignment)
WRAP_ALLOC(valloc, (size_t bytes), (bytes), (ex_guard_ask(bytes, more)), bytes, ex_os_page_bytes())
WRAP_ALLOC(pvalloc, (size_t bytes), (bytes), (ex_guard_ask(bytes, more)), bytes, ex_os_page_bytes())
SHORT(int, ex_wrap_posix_memalign, general_posix_memalign, general_posix_memalign, EX_ROW_posix_memalign,
      p_posix_memalign, (void **block, size_t alignment, size_t bytes), (block, alignment, bytes), ex_guard_passes(),
      EX_SIZE(bytes))
SHORT(size_t, ex_wrap_malloc_usable_size, general_malloc_usable_size, general_malloc_usable_size,
      EX_ROW_malloc_usable_size, p_malloc_usable_size, (void *block), (block), !ex_pages_has(block), EX_NO_SIZE)
WRAP_RELEASE(free)
WRAP_RELEASE(cfree)
