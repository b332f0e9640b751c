/*
 * heap_walk.c: see heap_walk.h. malloc/malloc.c, glibc 2.26 to 2.42: a chunk begins with the length of the one below it, valid while
 * that is free, and its own, a multiple of 16 with three flags: the one below is in use (1), a mapping of its own (2), another
 * arena's (4). The first chunk of a heap holds the thread's cache, whose length tells that this is such a heap at all.
 */
#include "heap_walk.h"

#include "expand.h"
#include "os/os.h"
#include "place.h"
#include "stream.h"

#define WINDOW_BYTES 16384u
#define MOST_BYTES ((uintptr_t)1 << 30)
#define SHOWN_BYTES 64u
#define FLAGS ((uint64_t)7)

static uint64_t window[WINDOW_BYTES / 8] EX_TABLE;
static uintptr_t window_begin;
static size_t window_bytes;

static int word_at(uintptr_t at, uint64_t *word)
{
	if (at < window_begin || at + sizeof(*word) > window_begin + window_bytes) {
		window_bytes = ex_os_peek(window, at, sizeof(window));
		window_begin = at;
		if (window_bytes < sizeof(*word))
			return 0;
	}
	__builtin_memcpy(word, (const char *)window + (at - window_begin), sizeof(*word));
	return 1;
}

static void tell(uintptr_t chunk, uint64_t before, uint64_t size, uintptr_t below, uint64_t below_size, int what)
{
	unsigned char bytes[2 * SHOWN_BYTES];
	uintptr_t begin = chunk - below < SHOWN_BYTES ? below : chunk - SHOWN_BYTES;
	size_t count = ex_os_peek(bytes, begin, chunk + SHOWN_BYTES - begin);
	EX_PUT(HEAP_BREAK, heap_break,
	       (.chunk = chunk, .before = before, .size = size, .below = below, .below_size = below_size & ~FLAGS,
		.what = (uint8_t)what, .begin = begin),
	       EX_BLOB(bytes, count), );
}

void ex_heap_walk_tell(uintptr_t begin, uintptr_t end)
{
	uintptr_t below = 0, at = (begin + 15) & ~(uintptr_t)15;
	uint64_t below_size = 0, before, size;
	window_bytes = 0;
	if (end - begin > MOST_BYTES || !word_at(at + 8, &size) || (size != 0x251 && size != 0x291 && size != 0x301))
		return;
	while (at + 16 <= end) {
		if (!word_at(at, &before) || !word_at(at + 8, &size))
			return;
		uint64_t bytes = size & ~FLAGS;
		if (bytes == 16 && below) /* the end of a piece: somebody else has moved the program's break */
			return;
		/* the last one need not end with the mapping: that is rounded up */
		if (bytes < 32 || bytes % 16 || (size & 6) || bytes > end - at) {
			tell(at, before, size, below, below_size, EX_heap_break_SIZE);
			return;
		}
		if (below && !(size & 1) && before != (below_size & ~FLAGS)) {
			tell(at, before, size, below, below_size, EX_heap_break_BEFORE);
			return;
		}
		below = at;
		below_size = size;
		at += bytes;
	}
}
