/*
 * slack_mark.h: what lies behind a block's own bytes, as slack.c writes and reads it. The last word of a block, its mark, has from
 * the lowest bit on: 16 bits the site, 24 how many bytes of the block are not the program's, 24 to see whether it is one. The
 * pattern is 64 bytes at most: what runs far beyond a block has gone through them.
 */
#ifndef EX_HEAP_SLACK_MARK_H
#define EX_HEAP_SLACK_MARK_H

#include "live_map.h"
#include "slack.h"
#include "usable.h"

#define PATTERN 0xb5
#define PATTERN_WORD (PATTERN * 0x0101010101010101ull)
#define PATTERN_BYTES 64
#define REST_MAX ((size_t)1 << 24)
#define MULTIPLIER 0x9e3779b97f4a7c15ull

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

static inline void put_mark(void *block, size_t bytes, uint32_t site, uint8_t *live)
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

#endif
