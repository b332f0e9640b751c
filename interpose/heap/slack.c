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

#define PATTERN 0xb5
#define PATTERN_WORD (PATTERN * 0x0101010101010101ull)
#define PATTERN_BYTES 64
#define REST_MAX ((size_t)1 << 24)
#define MULTIPLIER 0x9e3779b97f4a7c15ull
#define TOLD_MAX 1024
#define SURELY_THERE_BYTES ((size_t)64 << 10)
#define BELOW_MAX_BYTES ((uintptr_t)1 << 20)

static uint32_t told;

static inline void put_word(uint8_t *at, uint64_t word)
{
	__builtin_memcpy(at, &word, sizeof(word));
}

static inline uint64_t word_at(const uint8_t *at)
{
	uint64_t word;
	__builtin_memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint64_t seal(uintptr_t block, uint64_t low)
{
	return low | ((block ^ low) * MULTIPLIER & ~(((uint64_t)1 << 40) - 1));
}

int ex_slack_prepare(void)
{
	ex_usable_prepare();
	return ex_usable_way != EX_USABLE_UNKNOWN && ex_live_prepare();
}

/* Sizes up to 4 KiB are kept in the map: a check then need not wait for the header, which is rarely near. Allocators have
 * sizes of one form, 16 n + 8 or 16 n; what has the other is to be asked for */
static inline uint8_t live_with(size_t usable)
{
	size_t form = ex_usable_way == EX_USABLE_HEADER ? sizeof(size_t) : 0, n = (usable - form) / EX_LIVE_GRAIN;
	return usable % EX_LIVE_GRAIN == form && n && n < 256 - EX_LIVE_MARKED ? (uint8_t)(EX_LIVE_MARKED + n)
									       : (uint8_t)EX_LIVE_MARKED;
}

/* 0: to be asked for */
static inline size_t usable_by(uint8_t live)
{
	size_t form = ex_usable_way == EX_USABLE_HEADER ? sizeof(size_t) : 0;
	return live > EX_LIVE_MARKED ? (size_t)(live - EX_LIVE_MARKED) * EX_LIVE_GRAIN + form : 0;
}

/* 8 to 24 bytes, the usual case: three words, which may overlap */
static inline size_t middle_of(size_t pattern)
{
	return pattern > 16 ? 8 : pattern - 8;
}

static void put_mark(void *block, size_t bytes, uint32_t site, uint8_t *live)
{
	uint8_t *at = block;
	size_t usable = ex_usable(block), rest = usable - bytes;
	if (__builtin_expect(usable < bytes + EX_SLACK_BYTES || rest >= REST_MAX || (usable & 7), 0)) {
		*live = EX_LIVE_NONE; /* the allocator gave less than it was asked for, or a lot more */
		return;
	}
	uint64_t mark = seal((uintptr_t)block, (uint64_t)rest << 16 | site);
	size_t pattern = rest - sizeof(mark);
	if (__builtin_expect(pattern <= 24, 1)) {
		put_word(at + bytes, PATTERN_WORD);
		put_word(at + bytes + middle_of(pattern), PATTERN_WORD);
		put_word(at + bytes + pattern - 8, PATTERN_WORD);
	} else {
		size_t filled = pattern < PATTERN_BYTES ? pattern : PATTERN_BYTES;
		for (size_t i = 0; i < filled - 8; i += 8)
			put_word(at + bytes + i, PATTERN_WORD);
		put_word(at + bytes + filled - 8, PATTERN_WORD);
	}
	put_word(at + usable - sizeof(mark), mark);
	__atomic_store_n(live, live_with(usable), __ATOMIC_RELAXED);
}

void ex_slack_mark(void *block, size_t bytes, uintptr_t pc, uintptr_t sp, uintptr_t fp)
{
	uint8_t *live = ex_live_of((uintptr_t)block);
	if (!live && !(live = ex_live_make((uintptr_t)block)))
		return;
	put_mark(block, bytes, ex_site_of(pc, sp, fp), live);
}

void ex_slack_forget(const void *block)
{
	uint8_t *live = ex_live_of((uintptr_t)block);
	if (live)
		__atomic_store_n(live, EX_LIVE_NONE, __ATOMIC_RELAXED);
}

struct damage {
	size_t bytes; /* asked for; SIZE_MAX when the mark itself is damaged */
	size_t usable, first, changed;
	uint32_t site;
	uint8_t harm; /* EX_harm_* */
};

/* the allocator's word below a block is what says where its end is. One that a neighbour has written over may lead anywhere */
static int is_plausible(const void *block, size_t usable)
{
	char byte;
	if (__builtin_expect(usable <= SURELY_THERE_BYTES, 1))
		return usable >= sizeof(uint64_t) && !(usable & 7);
	return usable < (size_t)1 << 46 && !(usable & 7) && ex_os_peek(&byte, (uintptr_t)block + usable - 1, 1);
}

/* the bytes it was asked for with, when it is as it was and as most are; SIZE_MAX: to be looked at more closely. live: its byte
 * of the map */
static inline size_t bytes_if_sound(const void *block, uint8_t live)
{
	const uint8_t *at = block;
	size_t usable = usable_by(live);
	if (__builtin_expect(!usable, 0)) {
		usable = ex_usable((void *)(uintptr_t)block);
		if (usable - EX_SLACK_BYTES > SURELY_THERE_BYTES - EX_SLACK_BYTES || (usable & 7))
			return SIZE_MAX;
	}
	/* the pattern may begin in the line before: asked for at once, not when the mark has said where */
	__builtin_prefetch(at + usable - sizeof(uint64_t) - 24);
	uint64_t mark = word_at(at + usable - sizeof(mark)), low = mark & (((uint64_t)1 << 40) - 1);
	size_t rest = low >> 16, pattern = rest - sizeof(mark);
	if (mark != seal((uintptr_t)block, low) || rest > usable || rest < EX_SLACK_BYTES)
		return SIZE_MAX;
	const uint8_t *end = at + usable - rest;
	uint64_t differs = word_at(end) ^ PATTERN_WORD;
	if (__builtin_expect(pattern <= 24, 1)) {
		differs |= word_at(end + middle_of(pattern)) ^ PATTERN_WORD;
	} else {
		pattern = pattern < PATTERN_BYTES ? pattern : PATTERN_BYTES;
		for (size_t i = 8; i < pattern - 8; i += 8)
			differs |= word_at(end + i) ^ PATTERN_WORD;
	}
	differs |= word_at(end + pattern - 8) ^ PATTERN_WORD;
	if (__builtin_expect(ex_usable_way == EX_USABLE_HEADER, 1))
		differs |= ex_usable((void *)(uintptr_t)block) ^ usable;
	return __builtin_expect(!differs, 1) ? usable - rest : SIZE_MAX;
}

/* 0: it is as it was */
static int look(const void *block, struct damage *d)
{
	const uint8_t *at = block;
	uint64_t mark;
	d->usable = ex_usable((void *)(uintptr_t)block);
	d->changed = d->first = d->site = 0;
	d->bytes = SIZE_MAX;
	d->harm = EX_harm_HEADER;
	if (!is_plausible(block, d->usable))
		return 1;
	__builtin_memcpy(&mark, at + d->usable - sizeof(mark), sizeof(mark));
	uint64_t low = mark & (((uint64_t)1 << 40) - 1);
	size_t rest = low >> 16;
	d->harm = EX_harm_MARK;
	if (mark != seal((uintptr_t)block, low) || rest > d->usable || rest < sizeof(mark))
		return 1;
	d->site = (uint32_t)(low & 0xffff);
	d->bytes = d->usable - rest;
	d->harm = EX_harm_SLACK;
	size_t pattern = rest - sizeof(mark), i = 0;
	pattern = pattern < PATTERN_BYTES ? pattern : PATTERN_BYTES;
	while (i + 8 <= pattern && word_at(at + d->bytes + i) == PATTERN_WORD)
		i += 8;
	for (; i < pattern; i++)
		if (at[d->bytes + i] != PATTERN) {
			d->first = d->changed ? d->first : i;
			d->changed++;
		}
	return d->changed != 0;
}

/* who lies below a block whose own end, or whose header, was written over: 0 when nobody near */
static uintptr_t find_below(uintptr_t block)
{
	for (uintptr_t at = block - EX_LIVE_GRAIN; block - at <= BELOW_MAX_BYTES; at -= EX_LIVE_GRAIN) {
		const uint8_t *live = ex_live_of(at);
		if (!live)
			return 0;
		if (*live >= EX_LIVE_MARKED)
			return at;
	}
	return 0;
}

static void tell(const void *block, const struct damage *d, int when, const struct ex_cfi_frame *caller)
{
	const uint8_t *at = block;
	uintptr_t pcs[EX_SITE_FRAMES_MAX], below = find_below((uintptr_t)block);
	struct damage of_below = {.bytes = 0};
	unsigned frames = 0;
	size_t from = d->bytes, shown;
	if (__atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) >= TOLD_MAX)
		return;
	if (d->bytes == SIZE_MAX) /* nobody knows where the program's bytes end: the end of the block is shown */
		from = d->harm == EX_harm_HEADER || d->usable < PATTERN_BYTES ? 0 : d->usable - PATTERN_BYTES;
	shown = d->harm == EX_harm_HEADER ? 0 : d->usable - from < PATTERN_BYTES ? d->usable - from : PATTERN_BYTES;
	if (below)
		look((const void *)below, &of_below);
	if (caller)
		frames = ex_cfi_walk(*caller, pcs, EX_SITE_FRAMES_MAX);
	EX_PUT(DAMAGED, damaged,
	       (.block = (uintptr_t)block, .asked = d->bytes == SIZE_MAX ? 0 : d->bytes, .usable = d->usable,
		.site = d->site, .first = (uint32_t)d->first, .changed = (uint32_t)d->changed, .from = from,
		.when = (uint8_t)when, .what = d->harm, .id = ex_self.running, .below = below,
		.below_asked = of_below.bytes == SIZE_MAX ? 0 : of_below.bytes, .below_site = of_below.site),
	       EX_BLOB(at + from, shown), EX_BLOB(pcs, frames * sizeof(*pcs)), );
}

size_t ex_slack_bytes(const void *block)
{
	const uint8_t *live = ex_live_of((uintptr_t)block);
	struct damage d;
	if (!live || *live < EX_LIVE_MARKED)
		return SIZE_MAX;
	look(block, &d);
	return d.bytes;
}

/* a mark that is still there: nobody has got the block since */
static void tell_twice(const void *block, const struct ex_cfi_frame *caller)
{
	uintptr_t pcs[EX_SITE_FRAMES_MAX];
	struct damage d;
	if (__atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) >= TOLD_MAX)
		return;
	look(block, &d);
	unsigned frames = ex_cfi_walk(*caller, pcs, EX_SITE_FRAMES_MAX);
	EX_PUT(FREED_TWICE, freed_twice, (.block = (uintptr_t)block, .site = d.site, .is_certain = d.bytes != SIZE_MAX),
	       EX_BLOB(pcs, frames * sizeof(*pcs)), );
}

/* a block with a mark that is not as usual; the bytes it was asked for with */
static __attribute__((noinline)) size_t examine(const void *block, int when, const struct ex_cfi_frame *caller)
{
	struct damage d;
	if (look(block, &d))
		tell(block, &d, when, caller);
	return d.bytes;
}

size_t ex_slack_unmark(void *block, int when, uintptr_t pc, uintptr_t sp, uintptr_t fp)
{
	uint8_t *live = ex_live_of((uintptr_t)block), was;
	if (!live || (was = __atomic_load_n(live, __ATOMIC_RELAXED)) == EX_LIVE_NONE)
		return SIZE_MAX;
	if (__builtin_expect(was == EX_LIVE_FREED, 0)) {
		tell_twice(block, &(struct ex_cfi_frame){pc, sp, fp});
		return SIZE_MAX;
	}
	__atomic_store_n(live, EX_LIVE_FREED, __ATOMIC_RELAXED);
	size_t bytes = bytes_if_sound(block, was);
	return __builtin_expect(bytes != SIZE_MAX, 1) ? bytes
						      : examine(block, when, &(struct ex_cfi_frame){pc, sp, fp});
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
	/* the mark is looked at only where it is plausible that it is there */
	if (!is_readable(c, block - sizeof(size_t), block + SURELY_THERE_BYTES) &&
	    (!is_readable(c, block - sizeof(size_t), block + 1) ||
	     !is_readable(c, block, block + ex_usable((void *)block) % SURELY_THERE_BYTES)))
		return;
	if (!look((const void *)block, &d))
		return;
	/* another thread may just have given it back */
	const uint8_t *live = ex_live_of(block);
	if (live && __atomic_load_n(live, __ATOMIC_ACQUIRE) >= EX_LIVE_MARKED)
		tell((const void *)block, &d, c->when, 0);
}

void ex_slack_check_all(int when)
{
	struct check c = {when, 0, 0};
	ex_live_each(check, &c);
}
