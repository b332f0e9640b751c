/*
 * pages.c: see pages.h.
 */
#include "pages.h"

#include "expand.h"
#include "options.h"
#include "os/os.h"
#include "real.h"
#include "stream.h"
#include "thread.h"

#define ALIGNMENT 16u
#define PATTERN 0xb5
#define CALLS_MAX 1024

static uint32_t threads; /* that have drawn */
static uint32_t calls;

int ex_pages_prepare(void)
{
	return ex_pages_room_prepare();
}

static uintptr_t number_of(const void *block)
{
	return ((uintptr_t)block - ex_pages_begin) / ex_os_page_bytes();
}

static size_t bytes_of(const struct ex_pages_slot *slot)
{
	return (size_t)slot->bytes_high << 32 | slot->bytes_low;
}

static size_t pages_of(const struct ex_pages_slot *slot)
{
	size_t page = ex_os_page_bytes(), bytes = bytes_of(slot);
	return bytes ? (slot->at + bytes + page - 1) / page : 0;
}

/* from 1 to twice the distance less 1, each as likely: a loop that allocates in step with it is not missed */
static uint32_t draw(void)
{
	uint64_t *state = &ex_self.drawing, every = ex_options.guard_sample;
	if (!*state) {
		uint64_t seed = ex_options.seed ? ex_options.seed : ex_os_now_ns() ^ (uint64_t)ex_os_pid() << 40;
		*state = seed * 0x9e3779b97f4a7c15ull + __atomic_add_fetch(&threads, 1, __ATOMIC_RELAXED);
	}
	/* splitmix64 */
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	z ^= z >> 31;
	every = every < UINT32_MAX / 2 ? every : UINT32_MAX / 2;
	return (uint32_t)(1 + z % (2 * every - 1));
}

static int is_drawn(void)
{
	struct ex_thread *self = &ex_self;
	if (!self->until_guarded)
		self->until_guarded = draw();
	if (--self->until_guarded)
		return 0;
	self->until_guarded = draw();
	return 1;
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

static void *place(uintptr_t n, size_t data, size_t bytes, size_t alignment, uint32_t site)
{
	/* a block of no bytes is the first of a page without access */
	size_t page = ex_os_page_bytes();
	int is_behind = !is_in_front();
	n += !is_behind;
	uintptr_t begin = ex_pages_begin + n * page, at;
	if (data && ex_os_protect((void *)begin, data * page, 1)) {
		ex_pages_room_close(EX_guard_full_MAPPINGS);
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
	struct ex_pages_slot *slot = ex_pages_slot(n);
	slot->bytes_low = (uint32_t)bytes;
	slot->bytes_high = (uint8_t)(bytes >> 32);
	slot->site = (uint16_t)site;
	slot->freed_site = 0;
	slot->at = (uint16_t)(at - begin);
	__atomic_store_n(&slot->state, EX_PAGES_LIVE, __ATOMIC_RELEASE);
	return (void *)at;
}

void *ex_pages_take(size_t bytes, size_t alignment, uintptr_t pc, uintptr_t sp, uintptr_t fp)
{
	size_t page = ex_os_page_bytes(), data = bytes / page + (bytes % page != 0);
	if (ex_options.guard == EX_guard_SAMPLE && !is_drawn())
		return NULL;
	uint32_t site = ex_site_of(pc, sp, fp);
	if (ex_options.guard == EX_guard_SITE && !ex_site_is_wanted(site))
		return NULL;
	if (alignment > page || (alignment & (alignment - 1)) || bytes > ex_pages_end - ex_pages_begin ||
	    !ex_pages_room_enter(data, bytes))
		return NULL;
	uintptr_t n = ex_pages_room_take(data);
	void *block = n ? place(n, data, bytes, alignment, site) : NULL;
	if (!block)
		ex_pages_room_leave(data, bytes);
	return block;
}

static struct ex_pages_slot *slot_at(const void *block)
{
	struct ex_pages_slot *slot = ex_pages_slot(number_of(block));
	return slot->state != EX_PAGES_NEVER && slot->at == (uintptr_t)block % ex_os_page_bytes() ? slot : NULL;
}

int ex_pages_is_live(const void *block)
{
	const struct ex_pages_slot *slot = slot_at(block);
	return slot && slot->state == EX_PAGES_LIVE;
}

size_t ex_pages_bytes(const void *block)
{
	const struct ex_pages_slot *slot = slot_at(block);
	return slot ? bytes_of(slot) : 0;
}

static void tell_block(const struct ex_pages_slot *slot, uintptr_t address, uintptr_t block, int what)
{
	EX_PUT(GUARD_BLOCK, guard_block,
	       (.address = address, .block = block, .asked = bytes_of(slot), .what = (uint8_t)what, .site = slot->site,
		.freed_site = slot->freed_site), );
}

/* the block whose pages, or whose guard, the address is in: that of the nearest first page below, or for guards in front that
 * of the next. NULL: none */
static const struct ex_pages_slot *slot_around(uintptr_t address, uintptr_t *block)
{
	size_t page = ex_os_page_bytes();
	if (!ex_pages_has((const void *)address))
		return NULL;
	uintptr_t n = (address - ex_pages_begin) / page;
	if (is_in_front() && (n + 2) * page <= ex_pages_end - ex_pages_begin &&
	    ex_pages_slot(n + 1)->state != EX_PAGES_NEVER && ex_pages_slot(n)->state == EX_PAGES_NEVER)
		n++;
	for (uintptr_t i = n;; i--) {
		const struct ex_pages_slot *slot = ex_pages_slot(i);
		if (slot->state != EX_PAGES_NEVER) {
			*block = ex_pages_begin + i * page + slot->at;
			return n - i <= pages_of(slot) ? slot : NULL;
		}
		if (!i)
			return NULL;
	}
}

/* what would otherwise be found by the allocator, or by nobody */
static void refuse(const struct ex_pages_slot *slot, const void *block)
{
	static const struct ex_pages_slot none;
	uintptr_t begin = (uintptr_t)block;
	int what = slot ? EX_guard_block_TWICE : EX_guard_block_INSIDE;
	if (!slot)
		slot = slot_around((uintptr_t)block, &begin);
	struct ex_pages_slot now = slot ? *slot : none;
	tell_block(&now, (uintptr_t)block, begin, what);
	if (ex_real.abort)
		ex_real.abort();
	__builtin_trap();
}

void ex_pages_give(void *block, uintptr_t pc, uintptr_t sp, uintptr_t fp)
{
	size_t page = ex_os_page_bytes();
	struct ex_pages_slot *slot = slot_at(block);
	uint8_t was = EX_PAGES_LIVE;
	if (!slot ||
	    !__atomic_compare_exchange_n(&slot->state, &was, EX_PAGES_FREED, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		refuse(slot, block);
		return;
	}
	size_t bytes = bytes_of(slot), pages = pages_of(slot);
	slot->freed_site = (uint16_t)ex_site_of(pc, sp, fp);
	uintptr_t begin = (uintptr_t)block & ~(page - 1), rest = (uintptr_t)block + bytes;
	for (; rest < begin + pages * page; rest++)
		if (*(const uint8_t *)rest != PATTERN) {
			tell_block(slot, rest, (uintptr_t)block, EX_guard_block_SLACK);
			break;
		}
	if (pages)
		ex_os_keep_reserved((void *)begin, pages * page, 1);
	ex_pages_room_leave(pages, bytes);
	ex_pages_room_give(number_of(block) - (uintptr_t)is_in_front(), pages);
}

static int what_of(const struct ex_pages_slot *slot, uintptr_t block, uintptr_t address)
{
	return slot->state == EX_PAGES_FREED	   ? EX_guard_block_FREED
	       : address >= block + bytes_of(slot) ? EX_guard_block_BEHIND
	       : address < block		   ? EX_guard_block_BEFORE
						   : EX_guard_block_LIVE;
}

void ex_pages_tell_fault(uintptr_t address)
{
	uintptr_t block;
	const struct ex_pages_slot *slot = slot_around(address, &block);
	if (slot)
		tell_block(slot, address, block, what_of(slot, block, address));
}

void ex_pages_tell_call(uintptr_t at, size_t bytes, size_t got, const char *call, const struct ex_cfi_frame *caller)
{
	uintptr_t block, address = at + got, pcs[EX_SITE_FRAMES_MAX];
	const struct ex_pages_slot *slot = slot_around(at, &block);
	if (!slot)
		return;
	int what = what_of(slot, block, at);
	if (what == EX_guard_block_LIVE) {
		/* it would have gone on behind the end, to which a guard may not be quite as near */
		if (at + bytes <= block + bytes_of(slot) || (got && address < block + bytes_of(slot)) ||
		    (got && address % ex_os_page_bytes()))
			return;
		what = EX_guard_block_BEHIND;
		address = block + bytes_of(slot);
	}
	if (__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) >= CALLS_MAX)
		return;
	unsigned frames = ex_cfi_walk(*caller, pcs, EX_SITE_FRAMES_MAX);
	EX_PUT(GUARD_CALL, guard_call,
	       (.address = address, .block = block, .asked = bytes_of(slot), .what = (uint8_t)what, .site = slot->site,
		.freed_site = slot->freed_site, .begin = at, .length = bytes, .got = got),
	       EX_TEXT(call), EX_BLOB(pcs, frames * sizeof(*pcs)), );
}
