/*
 * memory_break.c: see memory.h. The calls that move something: the break, and mremap.
 */
#include "arch/arch.h"
#include "arena.h"
#include "code.h"
#include "detour.h"
#include "growth.h"
#include "memory.h"
#include "os/os.h"
#include "quarantine.h"
#include "real.h"
#include "thread.h"

#define MREMAP_FIXED_ 2
#define MREMAP_DONTUNMAP_ 4
#define EFAULT_ 14
#define FAILED ((void *)-1)

static uintptr_t break_now(void)
{
	return ex_libc.break_now ? *ex_libc.break_now : 0;
}

static uintptr_t main_begin; /* where the main arena's part of the break begins; 0 = it has none yet */

int ex_memory_is_main_heap(uintptr_t address)
{
	return main_begin && address >= main_begin && address < break_now();
}

static int class_of_break(uintptr_t caller, int is_growth)
{
	if (ex_is_libc(caller))
		return is_growth ? EX_growth_BRK_EXTEND : EX_growth_BRK_TRIM;
	if (ex_is_other_allocator(caller))
		return is_growth ? EX_growth_OTHER_GROW : EX_growth_OTHER_SHRINK;
	return EX_growth_NOT_ALLOCATOR;
}

static int move_break(int call, uintptr_t wanted, uintptr_t caller, int (*move)(void *arg), void *arg)
{
	uintptr_t before = break_now();
	int is_growth = wanted > before, class = EX_growth_NOT_ALLOCATOR;
	if (before && wanted && wanted != before) /* else a question: where is it? */
		class = class_of_break(caller, is_growth);
	int is_counted = is_growth && class != EX_growth_NOT_ALLOCATOR;
	struct ex_growth growth = {.event = {.call = (uint8_t)call,
					     .class = (uint8_t) class,
					     .begin = is_growth ? before : wanted,
					     .bytes = is_growth ? wanted - before : before - wanted,
					     .old = before,
					     .caller = caller}};
	if (class == EX_growth_NOT_ALLOCATOR && !(before && wanted)) {
		growth.event.begin = before;
		growth.event.bytes = 0;
	}
	if (class == EX_growth_BRK_EXTEND || class == EX_growth_BRK_TRIM)
		growth.event.arena = ex_main_arena();
	int error = ex_growth_begin(&growth, is_counted);
	if (error) {
		ex_growth_end(&growth, error);
		*ex_errno() = error;
		return -1;
	}
	if (class == EX_growth_BRK_EXTEND && !main_begin)
		main_begin = before;
	int result = move(arg);
	if (ex_memory_is_worth_another(result != 0))
		result = move(arg);
	error = result ? *ex_errno() : 0;
	ex_growth_end(&growth, error);
	return result;
}

struct brk_call {
	ex_brk_function *next;
	void *end;
};

static int do_brk(void *arg)
{
	struct brk_call *c = arg;
	return c->next(c->end);
}

/* libc's sbrk takes the old break for its answer, and glibc's malloc asks afterwards how far it moved: not at all */
static int is_kept(uintptr_t wanted, uintptr_t caller)
{
	uintptr_t now = break_now(), page = ex_os_page_bytes() - 1;
	if (!now || !wanted || wanted >= now)
		return 0;
	wanted = (wanted + page) & ~page; /* what is left of the page stays in any case */
	return ex_memory_is_kept(EX_release_BREAK, (void *)wanted, now > wanted ? now - wanted : 0, caller);
}

EX_ANY_STACK int ex_memory_brk(void *end, uintptr_t caller, ex_brk_function *next)
{
	struct brk_call c = {next, end};
	if (!ex_growth_is_on())
		return next(end);
	if (ex_self.sbrk_caller) /* its own caller says nothing: it is sbrk */
		caller = ex_self.sbrk_caller;
	if (is_kept((uintptr_t)end, caller))
		return 0;
	return move_break(EX_memory_call_BRK, (uintptr_t)end, caller, do_brk, &c);
}

struct sbrk_call {
	ex_sbrk_function *next;
	long distance;
	void *result;
};

static int do_sbrk(void *arg)
{
	struct sbrk_call *c = arg;
	c->result = c->next(c->distance);
	return c->result == FAILED ? -1 : 0;
}

EX_ANY_STACK void *ex_memory_sbrk(long distance, uintptr_t caller, ex_sbrk_function *next)
{
	struct sbrk_call c = {next, distance, FAILED};
	if (!ex_growth_is_on())
		return next(distance);
	if (ex_original.brk) { /* the call that it makes is told there */
		uintptr_t before = ex_self.sbrk_caller;
		ex_self.sbrk_caller = caller;
		do_sbrk(&c);
		ex_self.sbrk_caller = before;
		return c.result;
	}
	uintptr_t now = break_now();
	if (distance < 0 && is_kept(now + (uintptr_t)distance, caller))
		return (void *)now;
	move_break(EX_memory_call_SBRK, now ? now + (uintptr_t)distance : 0, caller, do_sbrk, &c);
	return c.result;
}

static void *observed_mremap(const struct ex_mremap_request *r, void *(*next)(const struct ex_mremap_request *))
{
	int is_growth = r->new_length > r->length, class = EX_growth_NOT_ALLOCATOR;
	int is_chunk = ex_chunk_remove((uintptr_t)r->begin);
	if (is_chunk)
		class = EX_growth_MREMAP_CHUNK;
	else if (ex_is_other_allocator(r->caller))
		class = is_growth ? EX_growth_OTHER_GROW : EX_growth_OTHER_SHRINK;
	struct ex_growth growth = {.event = {.call = EX_memory_call_MREMAP,
					     .class = (uint8_t) class,
					     .flags = (uint32_t)r->flags,
					     .begin = (uintptr_t)r->begin,
					     .bytes = r->new_length,
					     .old = (uintptr_t)r->begin,
					     .old_bytes = r->length,
					     .caller = r->caller}};
	int error = ex_growth_begin(&growth, is_growth && class != EX_growth_NOT_ALLOCATOR);
	void *result = FAILED;
	if (!error) {
		result = next(r);
		if (ex_memory_is_worth_another(result == FAILED))
			result = next(r);
		error = result == FAILED ? *ex_errno() : 0;
	}
	if (!error)
		growth.event.begin = (uintptr_t)result;
	if (is_chunk)
		ex_chunk_add((uintptr_t)(error ? r->begin : result));
	ex_growth_end(&growth, error);
	if (error)
		*ex_errno() = error;
	return result;
}

static char *rest_of(const struct ex_mremap_request *r)
{
	uintptr_t page = ex_os_page_bytes() - 1;
	return (char *)(((uintptr_t)r->begin + r->new_length + page) & ~page);
}

EX_ANY_STACK void *ex_memory_mremap(const struct ex_mremap_request *r, void *(*next)(const struct ex_mremap_request *))
{
	if (r->new_length < r->length && r->new_length && !(r->flags & MREMAP_FIXED_) &&
	    ex_memory_is_kept(EX_release_MREMAP, rest_of(r), r->length - r->new_length, r->caller))
		return r->begin;
	if (ex_quarantine_has(r->begin, r->length)) {
		*ex_errno() = EFAULT_;
		return FAILED;
	}
	int is_code = ex_code_is_in((uintptr_t)r->begin, r->length);
	void *result = ex_growth_is_on() ? observed_mremap(r, next) : next(r);
	if (result == FAILED)
		return result;
	if (is_code)
		ex_code_moved((uintptr_t)r->begin, r->length, (uintptr_t)result, r->new_length);
	if (r->flags & MREMAP_FIXED_)
		ex_quarantine_taken((uintptr_t)result, r->new_length);
	if (result != r->begin && !(r->flags & MREMAP_DONTUNMAP_))
		ex_quarantine_moved((uintptr_t)r->begin, r->length, is_code, r->caller);
	if (result != r->begin)
		ex_memory_released(EX_release_MREMAP, r->begin, r->length, r->caller);
	else if (r->new_length < r->length)
		ex_memory_released(EX_release_MREMAP, (char *)r->begin + r->new_length, r->length - r->new_length,
				   r->caller);
	return result;
}
