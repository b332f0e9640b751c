/*
 * made_up_records.h: sections of profile records, made up here and so known by construction, for the tests of
 * ex_profile_walk. Section and scratch end where a page begins that nobody may touch. SEED= repeats a run.
 */
#ifndef UNIT_MADE_UP_RECORDS_H
#define UNIT_MADE_UP_RECORDS_H

#include "schema/profile.h"

#include "tap.h"

#include <sys/mman.h>
#include <time.h>

#define MAX_BYTES 16384
#define MAX_STEPS (MAX_BYTES / 8)

static uint64_t seed, state;
static uint64_t draw(void)
{
	state += 0x9e3779b97f4a7c15ull;
	uint64_t z = state;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}
static unsigned below(unsigned limit)
{
	return (unsigned)(draw() % limit);
}

struct piece {
	uint64_t offset;
	unsigned bytes; /* 0 = 8 bytes of something else */
};
static struct section {
	unsigned char bytes[MAX_BYTES];
	uint64_t length, counters, bitmap, counter_bytes;
	uint64_t data, counts, bits; /* addresses */
	struct piece wanted[MAX_STEPS];
	int count;
} made;
static struct piece found[MAX_STEPS];
static int found_count;
static unsigned char *section_end, *scratch_end;

static unsigned char *before_guard(size_t bytes) /* whole pages */
{
	unsigned char *p = mmap(NULL, bytes + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || mprotect(p + bytes, 4096, PROT_NONE))
		exit(2);
	return p + bytes;
}

static void collect(void *arg, uint64_t offset, unsigned bytes)
{
	(void)arg;
	if (found_count < MAX_STEPS)
		found[found_count] = (struct piece){offset, bytes};
	found_count++;
}

static struct ex_profile_sections sections(void)
{
	memcpy(section_end - made.length, made.bytes, made.length);
	return (struct ex_profile_sections){.records = section_end - made.length,
					    .data = made.data,
					    .data_bytes = made.length,
					    .counts = made.counts,
					    .counts_bytes = made.counters * made.counter_bytes,
					    .bits = made.bits,
					    .bits_bytes = made.bitmap,
					    .counter_bytes = made.counter_bytes == 8 ? below(2) * 8 : 1};
}
static void walk(void)
{
	struct ex_profile_sections s = sections();
	size_t bytes = ex_profile_scratch_bytes(&s);
	unsigned char *scratch = scratch_end - bytes;
	memset(scratch, 0, bytes);
	found_count = 0;
	ex_profile_walk(&s, scratch, collect, NULL);
}

static void put(uint64_t at, uint64_t value, unsigned bytes)
{
	memcpy(made.bytes + at, &value, bytes);
}

/* as the three structs of LLVM have it, written out again here: profile.def is what is tested */
static void record(unsigned bytes, uint64_t counts_at, unsigned counters, uint64_t bits_at, unsigned bitmap)
{
	uint64_t at = made.length, here = made.data + at;
	unsigned wide = bytes == 48 ? 0 : bytes == 64 ? 8 : 16;
	static const uint64_t bases[] = {0, 0x401000, 0x555555554000, 0x7ffff7d00000};
	uint64_t base = bases[below(4)];
	put(at, draw(), 8);
	put(at + 8, draw(), 8);
	put(at + 16, made.counts + counts_at - here, 8);
	if (bytes == 72)
		put(at + 24, 0, 8);
	if (bytes > 48)
		put(at + 16 + wide, bitmap || below(2) ? made.bits + bits_at - here : 0, 8);
	put(at + 24 + wide, base ? base + below(1 << 20) * 16 : 0, 8);
	put(at + 32 + wide, base && below(2) ? base + 0x200000 + below(1 << 16) * 8 : 0, 8);
	put(at + 40 + wide, counters, 4);
	put(at + 44 + wide, below(4) ? 0 : below(300), 2);
	put(at + 46 + wide, below(4) ? 0 : below(20), 2);
	if (bytes > 48) {
		/* 9 and 10 differ in where the bitmap's length is; 9 has no third kind of value site */
		int is_9 = bytes == 64 && below(4) == 0;
		put(at + 48 + wide, is_9 ? bitmap : below(8) ? 0 : below(3), is_9 ? 4 : 2);
		if (!is_9)
			put(bytes - 4 + at, bitmap, 4);
	}
	made.wanted[made.count++] = (struct piece){at, bytes};
	made.length += bytes;
}

static void gap(unsigned words, int is_random)
{
	while (words--) {
		put(made.length, is_random ? draw() : 0, 8);
		made.wanted[made.count++] = (struct piece){made.length, 0};
		made.length += 8;
	}
}

/* a record of 64 bytes with virtual tables' sites, or of version 9 with a bitmap, and 8 bytes of zeros behind it are as
 * good a record of 72 bytes */
static int may_be_longer(void)
{
	const unsigned char *last = made.bytes + made.length - 64;
	return made.count && made.wanted[made.count - 1].bytes == 64 && ex_profile_u32(last + 56);
}

/* weights of 48, 64, 72 and of gaps, of 256 each step */
static void build(int records, const unsigned *weights, unsigned gaps, int has_bits, int is_byte)
{
	memset(&made, 0, sizeof(made));
	made.counter_bytes = is_byte ? 1 : 8;
	uint64_t base = (uint64_t[]){0x4000, 0x404000, 0x55a8c0de4000, 0x7f33aa004000}[below(4)];
	made.counts = base + (is_byte ? below(4096) : below(512) * 8);
	static unsigned counters[MAX_STEPS], bitmaps[MAX_STEPS];
	for (int i = 0; i < records; i++) {
		made.counters += counters[i] = 1 + (below(16) ? below(40) : below(3000));
		made.bitmap += bitmaps[i] = has_bits && below(3) == 0 ? 1 + below(40) : 0;
	}
	made.data = (made.counts + made.counters * made.counter_bytes + below(4096) + 7) & ~7ull;
	made.bits = made.data + MAX_BYTES + below(4096);
	uint64_t at = 0, bits_at = 0;
	unsigned bytes = 0, sum = weights[0] + weights[1] + weights[2], runs = 1 + below(8);
	for (int i = 0; i < records; i++) {
		if (!bytes || below(runs) == 0) {
			unsigned drawn = below(sum);
			bytes = drawn < weights[0] ? 48 : drawn < weights[0] + weights[1] ? 64 : 72;
		}
		unsigned bitmap = bytes > 48 ? bitmaps[i] : 0;
		if (below(256) < gaps)
			gap(1 + below(9), may_be_longer() || below(2));
		record(bytes, at * made.counter_bytes, counters[i], bits_at, bitmap);
		at += counters[i];
		bits_at += bitmap;
	}
	if (below(256) < gaps)
		gap(1 + below(9), may_be_longer() || below(2));
}

static void begin(void)
{
	const char *given = getenv("SEED");
	seed = state = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) * 2654435761u % 1000000007;
	printf("# SEED=%llu repeats\n", (unsigned long long)seed);
	section_end = before_guard(MAX_BYTES);
	scratch_end = before_guard(MAX_STEPS * 64);
}

#endif
