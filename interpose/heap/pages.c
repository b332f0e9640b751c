/*
 * pages.c: see pages.h. One reservation without access, from which runs of pages are taken in order and never again: what was
 * given back is part of it again. A live block costs two mappings, as many as the kernel lets a process have 65530 of; one
 * that was given back costs none, since its pages join those around.
 */
#include "pages.h"

#include "expand.h"
#include "options.h"
#include "os/os.h"
#include "place.h"
#include "real.h"
#include "stream.h"
#include "thread.h"

#define MOST_BYTES ((size_t)64 << 30)
#define LEAST_BYTES ((size_t)64 << 20)
#define LIVE_MAX 24000u /* blocks */
#define ALIGNMENT 16u
#define PATTERN 0xb5
#define CALLS_MAX 1024

struct slot { /* of the first page of a block */
	uint64_t bytes;
	uint32_t pages;
	uint16_t site, freed_site, at; /* at: where in its first page the block begins */
	uint8_t state;
};
enum { NEVER, LIVE, FREED };

uintptr_t ex_pages_begin, ex_pages_end;
static struct slot *slots;
static uintptr_t next; /* offset of the first page that nobody has had */
static uint32_t live, nth, calls;
static int is_full;
static uint64_t kept_bytes;

int ex_pages_prepare(void)
{
	size_t page = ex_os_page_bytes();
	for (size_t bytes = MOST_BYTES; bytes >= LEAST_BYTES && !ex_pages_begin; bytes /= 4) {
		void *begin = ex_os_reserve(bytes);
		if (!begin)
			continue;
		slots = ex_os_map(bytes / page * sizeof(*slots));
		if (!slots) {
			ex_os_unmap(begin, bytes);
			continue;
		}
		ex_pages_end = (uintptr_t)begin + bytes;
		ex_pages_begin = (uintptr_t)begin;
	}
	return ex_pages_begin != 0;
}

static struct slot *slot_of(const void *block)
{
	return &slots[((uintptr_t)block - ex_pages_begin) / ex_os_page_bytes()];
}

static void tell_full(int why)
{
	if (!__atomic_exchange_n(&is_full, 1, __ATOMIC_RELAXED))
		EX_PUT(GUARD_FULL, guard_full,
		       (.why = (uint8_t)why, .live = __atomic_load_n(&live, __ATOMIC_RELAXED),
			.used = __atomic_load_n(&next, __ATOMIC_RELAXED)), );
}

/* pages that nobody has had; the last, or the first, stays without access. 0: there are no more */
static uintptr_t take_pages(size_t pages)
{
	size_t page = ex_os_page_bytes(), bytes = pages * page;
	uintptr_t at = __atomic_fetch_add(&next, bytes, __ATOMIC_RELAXED);
	if (at + bytes > ex_pages_end - ex_pages_begin) {
		__atomic_fetch_sub(&next, bytes, __ATOMIC_RELAXED);
		tell_full(EX_guard_full_SPACE);
		return 0;
	}
	return ex_pages_begin + at;
}

static int is_chosen(uint32_t site)
{
	switch (ex_options.guard) {
	case EX_guard_SITE:
		return ex_site_is_wanted(site);
	case EX_guard_SAMPLE:
		return __atomic_fetch_add(&nth, 1, __ATOMIC_RELAXED) % ex_options.guard_sample == 0;
	default:
		return 1;
	}
}

/* the largest power of two that divides the size: what the type that it holds may need */
static size_t natural(size_t bytes)
{
	return bytes % ALIGNMENT ? bytes & -bytes : ALIGNMENT;
}

/* the page without access */
static int is_in_front(void)
{
	return ex_options.guard == EX_guard_STARTS || (ex_options.guard_starts && ex_options.guard != EX_guard_ENDS);
}

static void *place(size_t bytes, size_t alignment, uint32_t site)
{
	/* a block of no bytes is the first of a page without access */
	size_t page = ex_os_page_bytes(), data = (bytes + page - 1) / page;
	int is_behind = !is_in_front();
	uintptr_t begin = take_pages(data + 1), at;
	if (!begin)
		return NULL;
	begin += is_behind ? 0 : page;
	if (data && ex_os_protect((void *)begin, data * page, 1)) {
		tell_full(EX_guard_full_MAPPINGS);
		return NULL;
	}
	/* exactly at the page's end, also where a larger alignment was asked for than the size has */
	if (ex_options.guard == EX_guard_SITE)
		alignment = natural(bytes | ALIGNMENT * !bytes);
	else if (!alignment)
		alignment = ALIGNMENT;
	at = is_behind ? (begin + data * page - bytes) & ~(uintptr_t)(alignment - 1) : begin;
	for (uintptr_t rest = at + bytes; rest < begin + data * page; rest++)
		*(uint8_t *)rest = PATTERN;
	struct slot *slot = slot_of((const void *)begin);
	slot->bytes = bytes;
	slot->pages = (uint32_t)data;
	slot->site = (uint16_t)site;
	slot->at = (uint16_t)(at - begin);
	__atomic_store_n(&slot->state, LIVE, __ATOMIC_RELEASE);
	return (void *)at;
}

void *ex_pages_take(size_t bytes, size_t alignment, const struct ex_cfi_frame *caller)
{
	uint32_t site = ex_site_of(caller);
	if (is_full || !is_chosen(site) || alignment > ex_os_page_bytes() || (alignment & (alignment - 1)) ||
	    bytes > ex_pages_end - ex_pages_begin)
		return NULL;
	if (__atomic_add_fetch(&live, 1, __ATOMIC_RELAXED) > LIVE_MAX) {
		__atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
		tell_full(EX_guard_full_BLOCKS);
		return NULL;
	}
	void *block = place(bytes, alignment, site);
	if (!block)
		__atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
	return block;
}

static struct slot *slot_at(const void *block)
{
	struct slot *slot = slot_of(block);
	return slot->state != NEVER && slot->at == (uintptr_t)block % ex_os_page_bytes() ? slot : NULL;
}

int ex_pages_is_live(const void *block)
{
	const struct slot *slot = slot_at(block);
	return slot && slot->state == LIVE;
}

size_t ex_pages_bytes(const void *block)
{
	const struct slot *slot = slot_at(block);
	return slot ? slot->bytes : 0;
}

static void tell_block(const struct slot *slot, uintptr_t address, uintptr_t block, int what)
{
	EX_PUT(GUARD_BLOCK, guard_block,
	       (.address = address, .block = block, .asked = slot->bytes, .what = (uint8_t)what, .site = slot->site,
		.freed_site = slot->freed_site), );
}

/* the block whose pages, or whose guard, the address is in: that of the nearest first page below, or for guards in front that
 * of the next. NULL: none */
static const struct slot *slot_around(uintptr_t address, uintptr_t *block)
{
	size_t page = ex_os_page_bytes();
	if (!ex_pages_has((const void *)address))
		return NULL;
	uintptr_t n = (address - ex_pages_begin) / page;
	if (is_in_front() && slots[n + 1].state != NEVER && slots[n].state == NEVER)
		n++;
	for (uintptr_t i = n;; i--) {
		const struct slot *slot = &slots[i];
		if (slot->state != NEVER) {
			*block = ex_pages_begin + i * page + slot->at;
			return n - i <= slot->pages ? slot : NULL;
		}
		if (!i || n - i > MOST_BYTES / page)
			return NULL;
	}
}

/* what would otherwise be found by the allocator, or by nobody */
static void refuse(const struct slot *slot, const void *block, const struct ex_cfi_frame *caller)
{
	static const struct slot none;
	uintptr_t begin = (uintptr_t)block;
	int what = slot ? EX_guard_block_TWICE : EX_guard_block_INSIDE;
	if (!slot)
		slot = slot_around((uintptr_t)block, &begin);
	struct slot now = slot ? *slot : none;
	tell_block(&now, (uintptr_t)block, begin, what);
	(void)caller;
	if (ex_real.abort)
		ex_real.abort();
	__builtin_trap();
}

void ex_pages_give(void *block, const struct ex_cfi_frame *caller)
{
	size_t page = ex_os_page_bytes();
	struct slot *slot = slot_at(block);
	uint8_t was = LIVE;
	if (!slot || !__atomic_compare_exchange_n(&slot->state, &was, FREED, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		refuse(slot, block, caller);
		return;
	}
	slot->freed_site = (uint16_t)ex_site_of(caller);
	uintptr_t begin = (uintptr_t)block & ~(page - 1), rest = (uintptr_t)block + slot->bytes;
	for (; rest < begin + slot->pages * page; rest++)
		if (*(const uint8_t *)rest != PATTERN) {
			tell_block(slot, rest, (uintptr_t)block, EX_guard_block_SLACK);
			break;
		}
	if (slot->pages)
		ex_os_keep_reserved((void *)begin, slot->pages * page, 1);
	__atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
	kept_bytes += slot->pages * page;
}

static int what_of(const struct slot *slot, uintptr_t block, uintptr_t address)
{
	return slot->state == FREED		? EX_guard_block_FREED
	       : address >= block + slot->bytes ? EX_guard_block_BEHIND
	       : address < block		? EX_guard_block_BEFORE
						: EX_guard_block_LIVE;
}

void ex_pages_tell_fault(uintptr_t address)
{
	uintptr_t block;
	const struct slot *slot = slot_around(address, &block);
	if (slot)
		tell_block(slot, address, block, what_of(slot, block, address));
}

void ex_pages_tell_call(uintptr_t at, size_t bytes, size_t got, const char *call, const struct ex_cfi_frame *caller)
{
	uintptr_t block, address = at + got, pcs[EX_SITE_FRAMES_MAX];
	const struct slot *slot = slot_around(at, &block);
	if (!slot)
		return;
	int what = what_of(slot, block, at);
	if (what == EX_guard_block_LIVE) {
		/* it would have gone on behind the end, to which a guard may not be quite as near */
		if (at + bytes <= block + slot->bytes || (got && address < block + slot->bytes) ||
		    (got && address % ex_os_page_bytes()))
			return;
		what = EX_guard_block_BEHIND;
		address = block + slot->bytes;
	}
	if (__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) >= CALLS_MAX)
		return;
	unsigned frames = ex_cfi_walk(*caller, pcs, EX_SITE_FRAMES_MAX);
	EX_PUT(GUARD_CALL, guard_call,
	       (.address = address, .block = block, .asked = slot->bytes, .what = (uint8_t)what, .site = slot->site,
		.freed_site = slot->freed_site, .begin = at, .length = bytes, .got = got),
	       EX_TEXT(call), EX_BLOB(pcs, frames * sizeof(*pcs)), );
}
