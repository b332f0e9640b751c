/*
 * heap_walk.c: see heap_walk.h. malloc/malloc.c, glibc 2.26 to 2.41: a chunk begins with the length of the one below it, valid while
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
#define AGAIN_NS 2000000u
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

struct place {
	uintptr_t chunk, below;
	uint64_t before, size, below_size;
	int what; /* EX_heap_break_* */
};

/* 1: there is one */
static int find(uintptr_t begin, uintptr_t end, struct place *p)
{
	uintptr_t at = (begin + 15) & ~(uintptr_t)15;
	window_bytes = 0;
	*p = (struct place){.chunk = 0};
	if (!word_at(at + 8, &p->size) || (p->size != 0x251 && p->size != 0x291))
		return 0;
	for (; at + 16 <= end; at += p->size & ~FLAGS) {
		p->below = p->chunk;
		p->below_size = p->size & ~FLAGS;
		p->chunk = at;
		if (!word_at(at, &p->before) || !word_at(at + 8, &p->size))
			return 0;
		uint64_t bytes = p->size & ~FLAGS;
		if (bytes == 16 && p->below) /* the end of a piece: somebody else has moved the program's break */
			return 0;
		/* the last one need not end with the mapping: that is rounded up */
		p->what = EX_heap_break_SIZE;
		if (bytes < 32 || bytes % 16 || (p->size & 6) || bytes > end - at)
			return 1;
		p->what = EX_heap_break_BEFORE;
		if (p->below && !(p->size & 1) && p->before != p->below_size)
			return 1;
	}
	return 0;
}

static void tell(const struct place *p)
{
	unsigned char bytes[2 * SHOWN_BYTES];
	uintptr_t begin = p->chunk - p->below < SHOWN_BYTES ? p->below : p->chunk - SHOWN_BYTES;
	size_t count = ex_os_peek(bytes, begin, p->chunk + SHOWN_BYTES - begin);
	EX_PUT(HEAP_BREAK, heap_break,
	       (.chunk = p->chunk, .before = p->before, .size = p->size, .below = p->below, .below_size = p->below_size,
		.what = (uint8_t)p->what, .begin = begin),
	       EX_BLOB(bytes, count), );
}

void ex_heap_walk_tell(uintptr_t begin, uintptr_t end)
{
	struct place first, again;
	if (end - begin > MOST_BYTES || !find(begin, end, &first))
		return;
	if (!ex_os_is_alone()) { /* another thread may just be at work there: what is broken stays so */
		ex_os_sleep_ns(AGAIN_NS);
		if (!find(begin, end, &again) || again.chunk != first.chunk || again.size != first.size)
			return;
	}
	tell(&first);
}
