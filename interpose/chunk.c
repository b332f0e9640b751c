/*
 * chunk.c: see arena.h. A set of addresses of pages, open addressing with a bounded search. malloc keeps at most 65536
 * such blocks (M_MMAP_MAX), nearly always a few hundred.
 */
#include "arena.h"
#include "place.h"

#define SLOTS (1u << 16)
#define PROBES 64
#define PAGE_BITS 12

static uintptr_t chunks[SLOTS] EX_TABLE; /* 0 = free */

static uintptr_t *slot(uintptr_t begin, unsigned probe)
{
	uint64_t mixed = (begin >> PAGE_BITS) * 0x9e3779b97f4a7c15ull;
	return &chunks[((mixed >> 40) + probe) % SLOTS];
}

void ex_chunk_add(uintptr_t begin)
{
	for (unsigned i = 0; i < PROBES; i++) {
		uintptr_t none = 0, *s = slot(begin, i);
		if (!*s && __atomic_compare_exchange_n(s, &none, begin, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return;
	}
}

int ex_chunk_remove(uintptr_t begin)
{
	for (unsigned i = 0; i < PROBES; i++) {
		uintptr_t there = begin, *s = slot(begin, i);
		if (*s == begin && __atomic_compare_exchange_n(s, &there, 0, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return 1;
	}
	return 0;
}
