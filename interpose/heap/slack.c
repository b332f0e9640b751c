/*
 * slack.c: see slack.h. The last word of a block, its mark, has from the lowest bit on: 16 bits the site, 24 how many bytes of
 * the block are not the program's, 24 to see whether it is one. The pattern is 64 bytes at most: what runs far beyond a block
 * has gone through them.
 */
#include "slack.h"

#include "expand.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "stream.h"
#include "thread.h"

#include <string.h>

#define PATTERN 0xb5
#define PATTERN_BYTES 64
#define REST_MAX ((size_t)1 << 24)
#define MULTIPLIER 0x9e3779b97f4a7c15ull
#define TOLD_MAX 1024

static uint32_t told;

static inline uint64_t seal(uintptr_t block, uint64_t low)
{
	return low | ((block ^ low) * MULTIPLIER & ~(((uint64_t)1 << 40) - 1));
}

int ex_slack_prepare(void)
{
	ex_usable_prepare();
	return ex_usable_way != EX_USABLE_UNKNOWN && ex_live_prepare();
}

static void put_mark(void *block, size_t bytes, uint32_t site, uint8_t *live)
{
	uint8_t *at = block;
	size_t usable = ex_usable(block), rest = usable - bytes;
	if (usable < bytes + sizeof(uint64_t) || rest >= REST_MAX || (usable & 7)) {
		*live = EX_LIVE_NONE; /* the allocator gave less than it was asked for, or a lot more */
		return;
	}
	uint64_t mark = seal((uintptr_t)block, (uint64_t)rest << 16 | site);
	size_t pattern = rest - sizeof(mark);
	if (__builtin_expect(pattern <= 16, 1)) {
		/* 8 bytes at least, since 16 more were asked for: two stores that may overlap */
		const uint64_t words = PATTERN * 0x0101010101010101ull;
		if (pattern >= 8) {
			memcpy(at + bytes, &words, 8);
			memcpy(at + bytes + pattern - 8, &words, 8);
		} else {
			memset(at + bytes, PATTERN, pattern);
		}
	} else {
		memset(at + bytes, PATTERN, pattern < PATTERN_BYTES ? pattern : PATTERN_BYTES);
	}
	memcpy(at + usable - sizeof(mark), &mark, sizeof(mark));
	__atomic_store_n(live, EX_LIVE_MARKED, __ATOMIC_RELAXED);
}

void ex_slack_mark(void *block, size_t bytes, const struct ex_cfi_frame *caller)
{
	uint8_t *live = ex_live_of((uintptr_t)block);
	if (!live && !(live = ex_live_make((uintptr_t)block)))
		return;
	put_mark(block, bytes, ex_site_of(caller), live);
}

/* what is wrong with a block: 0, or how many bytes have changed */
struct damage {
	size_t bytes; /* asked for; SIZE_MAX when the mark itself is damaged */
	size_t usable, first, changed;
	uint32_t site;
};

static size_t look(const void *block, struct damage *d)
{
	const uint8_t *at = block;
	uint64_t mark;
	d->usable = ex_usable((void *)(uintptr_t)block);
	memcpy(&mark, at + d->usable - sizeof(mark), sizeof(mark));
	uint64_t low = mark & (((uint64_t)1 << 40) - 1);
	size_t rest = low >> 16;
	d->changed = d->first = 0;
	d->site = (uint32_t)(low & 0xffff);
	if (mark != seal((uintptr_t)block, low) || rest > d->usable || rest < sizeof(mark)) {
		d->bytes = SIZE_MAX;
		d->site = 0;
		return d->changed = sizeof(mark);
	}
	d->bytes = d->usable - rest;
	size_t pattern = rest - sizeof(mark);
	pattern = pattern < PATTERN_BYTES ? pattern : PATTERN_BYTES;
	for (size_t i = 0; i < pattern; i++)
		if (at[d->bytes + i] != PATTERN) {
			d->first = d->changed ? d->first : i;
			d->changed++;
		}
	return d->changed;
}

static void tell(const void *block, const struct damage *d, int when, const struct ex_cfi_frame *caller)
{
	const uint8_t *at = block;
	uintptr_t pcs[EX_SITE_FRAMES_MAX];
	unsigned frames = 0;
	/* where the mark is damaged nobody knows where the program's bytes end: the end of the block is shown */
	size_t from = d->bytes == SIZE_MAX ? (d->usable > PATTERN_BYTES ? d->usable - PATTERN_BYTES : 0) : d->bytes;
	size_t shown = d->usable - from < PATTERN_BYTES ? d->usable - from : PATTERN_BYTES;
	if (__atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) >= TOLD_MAX)
		return;
	if (caller)
		frames = ex_cfi_walk(*caller, pcs, EX_SITE_FRAMES_MAX);
	EX_PUT(DAMAGED, damaged,
	       (.block = (uintptr_t)block, .asked = d->bytes == SIZE_MAX ? 0 : d->bytes, .usable = d->usable, .site = d->site,
		.first = (uint32_t)d->first, .changed = (uint32_t)d->changed, .when = (uint8_t)when,
		.is_known = d->bytes != SIZE_MAX, .from = from, .id = ex_self.running),
	       EX_BLOB(at + from, shown), EX_BLOB(pcs, frames * sizeof(*pcs)), );
}

size_t ex_slack_bytes(const void *block)
{
	const uint8_t *live = ex_live_of((uintptr_t)block);
	struct damage d;
	if (!live || *live != EX_LIVE_MARKED)
		return SIZE_MAX;
	look(block, &d);
	return d.bytes;
}

size_t ex_slack_unmark(void *block, const struct ex_cfi_frame *caller)
{
	uint8_t *live = ex_live_of((uintptr_t)block);
	struct damage d;
	if (!live || __atomic_load_n(live, __ATOMIC_RELAXED) != EX_LIVE_MARKED)
		return SIZE_MAX;
	__atomic_store_n(live, EX_LIVE_FREED, __ATOMIC_RELAXED);
	if (__builtin_expect(look(block, &d) != 0, 0))
		tell(block, &d, EX_damage_FREE, caller);
	return d.bytes;
}

void ex_slack_again(void *block, size_t bytes, const struct ex_cfi_frame *caller)
{
	if (bytes != SIZE_MAX)
		ex_slack_mark(block, bytes, caller);
}

struct check {
	int when;
	uintptr_t known_from, known_to; /* readable: what was asked of the system last */
};

/* blocks that the allocator has given back to the system without our seeing it are not looked at */
static int is_readable(struct check *c, uintptr_t begin, uintptr_t end)
{
	uintptr_t page = ex_os_page_bytes();
	begin &= ~(page - 1);
	end = (end + page - 1) & ~(page - 1);
	if (begin >= c->known_from && end <= c->known_to)
		return 1;
	char byte;
	for (uintptr_t at = begin; at < end; at += page)
		if (!ex_os_peek(&byte, at, 1))
			return 0;
	c->known_from = begin == c->known_to ? c->known_from : begin;
	c->known_to = end;
	return 1;
}

static void check(void *arg, uintptr_t block)
{
	struct check *c = arg;
	struct damage d;
	if (!is_readable(c, block - sizeof(size_t), block + 1))
		return;
	size_t usable = ex_usable((void *)block);
	if (usable < sizeof(uint64_t) || usable > (size_t)1 << 46 ||
	    !is_readable(c, block + usable - sizeof(uint64_t), block + usable))
		return;
	if (!look((const void *)block, &d))
		return;
	/* another thread may just have given it back */
	const uint8_t *live = ex_live_of(block);
	if (live && __atomic_load_n(live, __ATOMIC_ACQUIRE) == EX_LIVE_MARKED)
		tell((const void *)block, &d, c->when, 0);
}

void ex_slack_check_all(int when)
{
	struct check c = {when, 0, 0};
	ex_live_each(check, &c);
}
