/*
 * quarantine.c: see quarantine.h. A mapping without access is put over the range: the kernel drops what was there, and has
 * the address taken. Until it is given back a range costs a mapping at most, and address space.
 */
#include "quarantine.h"

#include "arch/arch.h"
#include "code.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "place.h"
#include "stream.h"
#include "thread.h"

static struct ex_ranges kept EX_TABLE;
static uint64_t kept_bytes;
static uint32_t kept_count;
static int is_full;
static int is_closed; /* all was given back, and no more is kept */

int ex_quarantine_is_on(void)
{
	return ex_options.keep_code || ex_options.keep_always;
}

/* who gave it back: always with its stack, it is what a report needs most */
static void tell(uintptr_t begin, uintptr_t end, int how, uintptr_t caller)
{
	uint64_t regs[EX_REGS];
	uint32_t count = __atomic_load_n(&kept_count, __ATOMIC_RELAXED);
	size_t bytes = count <= EX_CODE_SAMPLES_WHOLE ? EX_CODE_SAMPLE_BYTES : EX_SAMPLE_BYTES;
	ex_arch_capture(regs);
	EX_PUT(QUARANTINED, quarantined,
	       (.begin = begin, .end = end, .how = (uint8_t)how, .caller = caller, .n = count,
		.kept = __atomic_load_n(&kept_bytes, __ATOMIC_RELAXED)),
	       EX_BLOB(regs, sizeof(regs)),
	       EX_BLOB((const void *)regs[EX_REG_SP], ex_thread_stack_above(regs[EX_REG_SP], bytes)), );
}

static void tell_full(void)
{
	if (!__atomic_exchange_n(&is_full, 1, __ATOMIC_RELAXED))
		EX_PUT(QUARANTINE_FULL, quarantine_full,
		       (.kept = __atomic_load_n(&kept_bytes, __ATOMIC_RELAXED),
			.n = __atomic_load_n(&kept_count, __ATOMIC_RELAXED)), );
}

static int has_room(uint64_t bytes)
{
	if (!__atomic_load_n(&is_closed, __ATOMIC_RELAXED)) {
		if (__atomic_add_fetch(&kept_bytes, bytes, __ATOMIC_RELAXED) <= ex_options.keep_limit_bytes)
			return 1;
		__atomic_sub_fetch(&kept_bytes, bytes, __ATOMIC_RELAXED);
	}
	tell_full();
	return 0;
}

static void keep_not(uint64_t bytes)
{
	__atomic_sub_fetch(&kept_bytes, bytes, __ATOMIC_RELAXED);
	tell_full();
}

static void note(uintptr_t begin, uintptr_t end, int how, uintptr_t caller)
{
	__atomic_add_fetch(&kept_count, 1, __ATOMIC_RELAXED);
	tell(begin, end, how, caller);
}

/* 1 when it stays; what is mapped there goes. Told before it goes: a thread that runs in there dies at once, and what it
 * died of must have been told */
static int keep(uintptr_t begin, uintptr_t end, int how, uintptr_t caller)
{
	uint64_t bytes = end - begin;
	if (!has_room(bytes))
		return 0;
	if (ex_ranges_add(&kept, begin, end)) {
		note(begin, end, how, caller);
		if (!ex_os_keep_reserved((void *)begin, bytes, 1))
			return 1;
		ex_ranges_remove(&kept, begin, end);
	}
	keep_not(bytes);
	return 0;
}

/* the same for a range that is empty already: reserved first, for as long as it is not ours another thread's mmap may get
 * it, and what is noted as kept is refused to mprotect and madvise (seen once in 80 runs of six threads) */
static void keep_empty(uintptr_t begin, uintptr_t end, int how, uintptr_t caller)
{
	uint64_t bytes = end - begin;
	if (!has_room(bytes))
		return;
	if (!ex_os_keep_reserved((void *)begin, bytes, 0)) {
		if (ex_ranges_add(&kept, begin, end)) {
			note(begin, end, how, caller);
			return;
		}
		ex_os_unmap((void *)begin, bytes);
	}
	keep_not(bytes);
}

static void tell_again(const struct ex_range *piece, uintptr_t caller)
{
	uint64_t regs[EX_REGS];
	ex_arch_capture(regs);
	EX_PUT(STALE_UNMAP, stale_unmap, (.begin = piece->begin, .end = piece->end, .caller = caller),
	       EX_BLOB(regs, sizeof(regs)),
	       EX_BLOB((const void *)regs[EX_REG_SP], ex_thread_stack_above(regs[EX_REG_SP], EX_SAMPLE_BYTES)), );
}

/* the system is out of address space or of mappings: not for our sake. 1: there was something */
static int give_all_back(void)
{
	struct ex_range range;
	int count = 0;
	if (__atomic_exchange_n(&is_closed, 1, __ATOMIC_RELAXED))
		return 0;
	tell_full();
	while (ex_ranges_first(&kept, 0, UINTPTR_MAX, &range)) {
		ex_ranges_remove(&kept, range.begin, range.end);
		ex_os_unmap((void *)range.begin, range.end - range.begin);
		count++;
	}
	return count > 0;
}

/* from..to, of which nothing is in quarantine */
static int unmap_fresh(uintptr_t from, uintptr_t to, uintptr_t caller, ex_munmap_function *next)
{
	struct ex_range code;
	int result = 0;
	while (from < to && !result) {
		uintptr_t until = to;
		if (ex_options.keep_always || (ex_code_first(from, to, &code) && code.begin == from)) {
			until = ex_options.keep_always ? to : code.end;
			if (keep(from, until, EX_release_MUNMAP, caller)) {
				from = until;
				continue;
			}
		} else if (ex_code_first(from, to, &code)) {
			until = code.begin;
		}
		result = next((void *)from, until - from);
		if (result && give_all_back()) /* a hole in a mapping makes two of it, and that may be one too many */
			result = next((void *)from, until - from);
		from = until;
	}
	return result;
}

int ex_quarantine_unmap(uintptr_t begin, unsigned long length, uintptr_t caller, ex_munmap_function *next)
{
	uintptr_t page = ex_os_page_bytes() - 1, end = (begin + length + page) & ~page;
	struct ex_range again;
	int result = 0;
	if (!length || (begin & page) || end <= begin || ex_image_is_borrowed() || !ex_enter())
		return next((void *)begin, length);
	if (ex_options.keep_code && ex_code_is_incomplete())
		tell_full();
	while (begin < end && !result) {
		int is_again = ex_ranges_first(&kept, begin, end, &again);
		uintptr_t until = is_again ? again.begin : end;
		if (until > begin)
			result = unmap_fresh(begin, until, caller, next);
		begin = until;
		if (is_again && !result) {
			tell_again(&again, caller);
			begin = again.end;
		}
	}
	ex_leave();
	return result;
}

int ex_quarantine_has(const void *begin, unsigned long length)
{
	struct ex_range piece;
	return ex_quarantine_is_on() && ex_ranges_first(&kept, (uintptr_t)begin, (uintptr_t)begin + length, &piece);
}

void ex_quarantine_taken(uintptr_t begin, unsigned long length)
{
	uintptr_t page = ex_os_page_bytes() - 1, end = (begin + length + page) & ~page;
	if (ex_quarantine_is_on())
		ex_ranges_remove(&kept, begin, end);
}

void ex_quarantine_moved(uintptr_t begin, unsigned long length, int is_code, uintptr_t caller)
{
	uintptr_t page = ex_os_page_bytes() - 1;
	if ((ex_options.keep_always || (ex_options.keep_code && is_code)) && ex_enter()) {
		keep_empty(begin, (begin + length + page) & ~page, EX_release_MREMAP, caller);
		ex_leave();
	}
}

int ex_quarantine_freed(uintptr_t block, unsigned long bytes, uintptr_t caller)
{
	uintptr_t page = ex_os_page_bytes() - 1, begin = (block + page) & ~page, end = (block + bytes) & ~page;
	struct ex_range code;
	int is_kept = 0;
	if (begin >= end || ex_image_is_borrowed() || !ex_enter())
		return 0;
	while (begin < end && ex_code_first(begin, end, &code)) {
		if (keep(code.begin, code.end, EX_release_FREE, caller)) {
			ex_code_gone(code.begin, code.end - code.begin);
			is_kept = 1;
		}
		begin = code.end;
	}
	ex_leave();
	return is_kept;
}

int ex_quarantine_yield(void)
{
	if (!ex_quarantine_is_on() || !ex_enter())
		return 0;
	int is_given_back = give_all_back();
	ex_leave();
	return is_given_back;
}
