/*
 * profraw.c: head, parts and records of a raw profile. See profraw.h. Versions 8 and 10 were compared with llvm-profdata 14,
 * 19 and 22, cut by cut; 9 and 11 are from reading LLVM's headers only. In the file come, behind the header: binary ids,
 * records, counters, bitmap, since 11 uniform counters, names, since 10 virtual tables and their names, value data.
 */
#include "profraw.h"

#include "profile_names.h"

#include <string.h>

#define MAGIC 0xff6c70726f667281ull    /* 0xff "lprofr" 0x81, as a number */
#define VTABLE_BYTES 24		       /* hash, pointer, size, padded */
#define TOO_LARGE (1ull << 48)	       /* no file is */
#define NOT_IN_8 0x00ffffff00000000ull /* bits beside a version: 8 has none of them, which later ones may use */

const char *const ex_profraw_part_texts[EX_PROFRAW_PARTS_COUNT] = {
#define PART(NAME, text) text,
	EX_PROFRAW_PARTS(PART)
#undef PART
};

static uint64_t word(const struct ex_profraw_profile *p, unsigned n)
{
	return ex_profile_u64(p->bytes + 8 * n);
}

static void broken(struct ex_profraw_profile *p, enum ex_profraw_part part, const char *why)
{
	if (p->what != EX_PROFRAW_WHOLE)
		return;
	p->what = EX_PROFRAW_BROKEN;
	p->part = part;
	p->why = why;
}

/* the part that begins at *end, with the padding behind it; *end moves on */
static void place(struct ex_profraw_profile *p, enum ex_profraw_part part, uint64_t *end, uint64_t count,
		  uint64_t bytes_each, uint64_t padding)
{
	uint64_t size;
	if (__builtin_mul_overflow(count, bytes_each, &size) || size > TOO_LARGE || padding > TOO_LARGE) {
		broken(p, EX_PROFRAW_HEAD, "asks for more than any file has");
		return;
	}
	p->at[part] = *end;
	p->size[part] = size;
	*end += size + padding;
	if (*end > p->length && p->what == EX_PROFRAW_WHOLE) {
		p->what = EX_PROFRAW_CUT;
		p->part = part;
	}
}

static uint64_t to_8(uint64_t bytes)
{
	return -bytes % 8;
}

/* returns where the value data begins */
static uint64_t read_head(struct ex_profraw_profile *p)
{
	unsigned version = p->layout->version, names = (version == 8 ? 7 : 9) + (version >= 11 ? 3 : 0);
	unsigned next = names + 1;
	uint64_t end = p->size[EX_PROFRAW_HEAD];
	p->records = word(p, 3);
	p->counters = word(p, 5);
	p->counter_bytes = p->version & EX_PROFILE_BYTE_COVERAGE ? 1 : 8;
	p->counters_delta = word(p, next++);
	p->bitmap_delta = version >= 9 ? word(p, next++) : 0;
	p->names_delta = word(p, next++);
	uint64_t vtables = version >= 10 ? word(p, next++) : 0, vtable_names = version >= 10 ? word(p, next) : 0;
	place(p, EX_PROFRAW_IDS, &end, word(p, 2), 1, 0);
	place(p, EX_PROFRAW_RECORDS, &end, p->records, p->layout->record_bytes, word(p, 4));
	place(p, EX_PROFRAW_COUNTERS, &end, p->counters, p->counter_bytes, word(p, 6));
	if (version >= 9)
		place(p, EX_PROFRAW_BITMAP, &end, word(p, 7), 1, word(p, 8));
	if (version >= 11)
		place(p, EX_PROFRAW_UNIFORM, &end, word(p, 9), 8, word(p, 10));
	place(p, EX_PROFRAW_NAMES, &end, word(p, names), 1, to_8(word(p, names)));
	place(p, EX_PROFRAW_VTABLES, &end, vtables, VTABLE_BYTES, 0);
	place(p, EX_PROFRAW_VTABLE_NAMES, &end, vtable_names, 1, to_8(vtable_names));
	return end;
}

const unsigned char *ex_profraw_id(const struct ex_profraw_profile *p, uint64_t *at, uint64_t *bytes)
{
	const unsigned char *ids = p->bytes + p->at[EX_PROFRAW_IDS];
	uint64_t left = ex_profraw_there(p, EX_PROFRAW_IDS) - *at;
	if (left < 8)
		return NULL;
	*bytes = ex_profile_u64(ids + *at);
	left -= 8;
	if (!*bytes || *bytes > left || to_8(*bytes) > left - *bytes)
		return NULL;
	const unsigned char *id = ids + *at + 8;
	*at += 8 + *bytes + to_8(*bytes);
	return id;
}

static void check_ids(struct ex_profraw_profile *p)
{
	uint64_t at = 0, bytes;
	while (ex_profraw_id(p, &at, &bytes))
		;
	if (at != p->size[EX_PROFRAW_IDS])
		broken(p, EX_PROFRAW_IDS, "are not as long as the header says");
}

static void check_names(struct ex_profraw_profile *p, enum ex_profraw_part part)
{
	if (ex_profile_names_blocks(p->bytes + p->at[part], p->size[part], NULL, NULL))
		broken(p, part, "cannot be unpacked");
}

static void add_up(struct ex_profraw_profile *p)
{
	const unsigned char *at = p->bytes + p->at[EX_PROFRAW_COUNTERS];
	uint64_t count = ex_profraw_there(p, EX_PROFRAW_COUNTERS) / p->counter_bytes;
	for (uint64_t n = 0; n < count; n++, at += p->counter_bytes) {
		/* a byte of coverage is 0 once its block was entered */
		uint64_t counter = p->counter_bytes == 1 ? !*at : ex_profile_u64(at);
		p->nonzero += counter != 0;
		if (counter > p->largest)
			p->largest = counter;
		if (__builtin_add_overflow(p->sum, counter, &p->sum))
			p->sum = UINT64_MAX;
	}
}

uint64_t ex_profraw_there(const struct ex_profraw_profile *p, enum ex_profraw_part part)
{
	if (p->at[part] >= p->length)
		return 0;
	uint64_t left = p->length - p->at[part];
	return left < p->size[part] ? left : p->size[part];
}

/* of n things of that size at that offset */
static int is_inside(uint64_t offset, uint64_t n, unsigned bytes_each, uint64_t size)
{
	return offset < size && n <= (size - offset) / bytes_each;
}

static uint64_t bytes_of_bitmap(const struct ex_profraw_profile *p, const unsigned char *record)
{
	return p->layout->bitmap_bytes_at ? ex_profile_u32(record + p->layout->bitmap_bytes_at) : 0;
}

struct ex_profraw_record ex_profraw_record(const struct ex_profraw_profile *p, uint64_t n)
{
	const unsigned char *record = p->bytes + p->at[EX_PROFRAW_RECORDS] + n * p->layout->record_bytes;
	uint64_t began = n * p->layout->record_bytes, sites = 0;
	struct ex_profraw_record r = {
		.name_ref = ex_profile_u64(record),
		.func_hash = ex_profile_u64(record + 8),
		.count = ex_profile_u32(record + p->layout->counters_at),
	};
	/* both pointers are relative: what is stored is counters - record, and the header has counters - records */
	uint64_t counters = began + ex_profile_u64(record + 16) - p->counters_delta;
	uint64_t bitmap_bytes = bytes_of_bitmap(p, record);
	uint64_t bitmap = bitmap_bytes ? began + ex_profile_u64(record + p->layout->bitmap_at) - p->bitmap_delta : 0;
	for (unsigned kind = 0; kind < p->layout->kinds; kind++)
		sites += ex_profile_u16(record + p->layout->sites_at + 2 * kind);
	r.sites = (unsigned)sites;
	r.fits = r.count && is_inside(counters, r.count, p->counter_bytes, p->size[EX_PROFRAW_COUNTERS]) &&
		 (!bitmap_bytes || is_inside(bitmap, bitmap_bytes, 1, p->size[EX_PROFRAW_BITMAP]));
	if (r.fits && counters + (uint64_t)r.count * p->counter_bytes <= ex_profraw_there(p, EX_PROFRAW_COUNTERS))
		r.counters = p->bytes + p->at[EX_PROFRAW_COUNTERS] + counters;
	return r;
}

static void count_misfits(struct ex_profraw_profile *p)
{
	uint64_t there = ex_profraw_there(p, EX_PROFRAW_RECORDS) / p->layout->record_bytes;
	for (uint64_t n = 0; n < there; n++) {
		struct ex_profraw_record record = ex_profraw_record(p, n);
		p->misfits += !record.fits;
		p->with_values += record.sites != 0;
	}
}

enum ex_profraw ex_profraw_read(struct ex_profraw_profile *p, const unsigned char *bytes, size_t length)
{
	uint64_t magic = MAGIC;
	*p = (struct ex_profraw_profile){.bytes = bytes, .length = length};
	if (length < 8 || ex_profile_u64(bytes) != magic) {
		/* the beginning of a magic number is the beginning of a profile */
		p->what = length && length < 8 && !memcmp(bytes, &magic, length) ? EX_PROFRAW_CUT : EX_PROFRAW_FOREIGN;
		return p->what;
	}
	p->version = length < 16 ? 0 : word(p, 1);
	p->layout = length < 16 ? NULL : ex_raw_version((uint32_t)p->version);
	if (length >= 16 && !p->layout)
		return p->what = EX_PROFRAW_UNKNOWN;
	p->size[EX_PROFRAW_HEAD] = p->layout ? 8 * p->layout->words : 16;
	if (length < p->size[EX_PROFRAW_HEAD])
		return p->what = EX_PROFRAW_CUT;
	if (p->layout->version == 8 && p->version & NOT_IN_8)
		broken(p, EX_PROFRAW_HEAD, "has a version with bits that it cannot have");
	uint64_t end = read_head(p);
	if (p->what == EX_PROFRAW_BROKEN)
		return p->what;
	if (p->what == EX_PROFRAW_WHOLE || p->part > EX_PROFRAW_IDS)
		check_ids(p);
	count_misfits(p);
	add_up(p);
	if (p->what == EX_PROFRAW_CUT)
		return p->what;
	check_names(p, EX_PROFRAW_NAMES);
	check_names(p, EX_PROFRAW_VTABLE_NAMES);
	p->at[EX_PROFRAW_VALUES] = end;
	ex_profraw_read_values(p);
	return p->what;
}
