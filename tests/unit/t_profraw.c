/*
 * t_profraw.c: raw profiles built here word by word, of every version, whole and cut at every byte. Real ones are in
 * tests/cli/scan-profraw.bats.
 */
#include "profile_names.h"
#include "profraw.h"

#include "check.h"

#include <stdlib.h>

static unsigned char bytes[8192];
static size_t length;

static void put(uint64_t value, unsigned size)
{
	memcpy(bytes + length, &value, size);
	length += size;
}

static void pad(size_t count)
{
	memset(bytes + length, 0, count);
	length += count;
}

static void field(size_t at, uint64_t value, unsigned size)
{
	memcpy(bytes + at, &value, size);
}

#define COUNTERS_AT 0x10000 /* in memory, from the records on */
#define BITMAP_AT 0x20000

/* two records, "main" with 2 counters and "t.c:a" with 1, a site for a call target and, before them, an id */
static void build(const struct ex_raw_version *v, unsigned of_version)
{
	size_t head = length;
	put(0xff6c70726f667281ull, 8);
	put(of_version | EX_PROFRAW_IR, 8);
	put(16, 8); /* binary ids */
	put(2, 8);  /* records */
	put(0, 8);
	put(3, 8); /* counters */
	put(0, 8);
	if (v->version >= 9) {
		put(5, 8); /* bitmap */
		put(3, 8);
	}
	if (v->version >= 11) {
		put(2, 8); /* uniform counters */
		put(0, 8);
		put(0x30000, 8);
	}
	put(12, 8); /* names */
	put(COUNTERS_AT, 8);
	if (v->version >= 9)
		put(BITMAP_AT, 8);
	put(0x555555554000, 8);
	if (v->version >= 10) {
		put(1, 8); /* virtual tables */
		put(7, 8); /* their names */
	}
	put(v->kinds - 1, 8);
	CHECK(length - head == 8 * v->words);
	put(4, 8);
	put(0xddccbbaa, 8);
	for (unsigned n = 0; n < 2; n++) {
		size_t at = length;
		pad(v->record_bytes);
		field(at, n ? 0x497d10f23d700a95 : 0xdb956436e78dd5fa, 8);
		field(at + 8, 77, 8);
		field(at + 16, COUNTERS_AT + 16 * n - n * v->record_bytes, 8);
		field(at + v->counters_at, n ? 1 : 2, 4);
		if (v->bitmap_at) {
			field(at + v->bitmap_at, BITMAP_AT + 3 * n - n * v->record_bytes, 8);
			field(at + v->bitmap_bytes_at, n ? 2 : 3, 4);
		}
		field(at + v->sites_at, n, 2);
	}
	put(7, 8);
	put(0, 8);
	put(UINT64_MAX, 8);
	if (v->version >= 9)
		pad(8);
	if (v->version >= 11)
		pad(16);
	put(10, 1);
	put(0, 1);
	memcpy(bytes + length, "main\1t.c:a", 10);
	length += 10;
	pad(4);
	if (v->version >= 10) {
		pad(24);
		put(5, 1);
		put(0, 1);
		memcpy(bytes + length, "_ZTVA", 6);
		length += 6;
	}
	put(56, 4); /* value data: its size, its kinds */
	put(1, 4);
	put(0, 4); /* the kind, its sites, values of each */
	put(1, 4);
	put(2, 8);
	for (unsigned n = 0; n < 2; n++) {
		put(0x401000 + n, 8);
		put(9, 8);
	}
}

static enum ex_profraw judge(size_t size, unsigned *whole)
{
	struct ex_profraw_file file;
	ex_profraw_file_read(&file, bytes, size);
	enum ex_profraw what = file.what;
	*whole = file.whole;
	ex_profraw_file_close(&file);
	return what;
}

static enum ex_profraw spoiled(size_t at, uint64_t value, unsigned size)
{
	unsigned char saved[8];
	unsigned whole;
	memcpy(saved, bytes + at, size);
	field(at, value, size);
	enum ex_profraw what = judge(length, &whole);
	memcpy(bytes + at, saved, size);
	return what;
}

static void keep_names(void *arg, const char *text, size_t size)
{
	memcpy(arg, text, size + 1);
}

static void check_contents(const struct ex_raw_version *v)
{
	struct ex_profraw_profile p;
	CHECK(ex_profraw_read(&p, bytes, length) == EX_PROFRAW_WHOLE && p.length == length);
	CHECK(p.layout == v && p.version & EX_PROFRAW_IR);
	CHECK(p.records == 2 && p.counters == 3 && p.misfits == 0);
	CHECK(p.nonzero == 2 && p.sum == UINT64_MAX && p.largest == UINT64_MAX);
	CHECK(p.with_values == 1 && p.with_values_read == 1 && p.values[0] == 2 && p.values[1] == 0);
	CHECK(p.names_delta == 0x555555554000);
	struct ex_profraw_record first = ex_profraw_record(&p, 0), second = ex_profraw_record(&p, 1);
	CHECK(first.fits && first.count == 2 && ex_profile_u64(first.counters) == 7 && !first.sites);
	CHECK(second.fits && second.counters == first.counters + 16 && second.sites == 1);
	char names[64] = "";
	CHECK(!ex_profile_names_blocks(p.bytes + p.at[EX_PROFRAW_NAMES], p.size[EX_PROFRAW_NAMES], keep_names, names));
	CHECK(!strcmp(names, "main\1t.c:a"));
}

static void check_damage(const struct ex_raw_version *v)
{
	size_t records = 8 * v->words + 16, values = length - 56;
	CHECK(spoiled(16, 12, 8) != EX_PROFRAW_WHOLE);
	CHECK(spoiled(8 * v->words, 17, 8) == EX_PROFRAW_BROKEN);
	CHECK(spoiled(8 * v->words, 0, 8) == EX_PROFRAW_BROKEN);
	CHECK(spoiled(records + 16, COUNTERS_AT - 8, 8) == EX_PROFRAW_BROKEN);
	CHECK(spoiled(records + 16, COUNTERS_AT + 16, 8) == EX_PROFRAW_BROKEN);
	CHECK(spoiled(records + v->counters_at, 0, 4) == EX_PROFRAW_BROKEN);
	CHECK(spoiled(records + v->counters_at, 4, 4) == EX_PROFRAW_BROKEN);
	CHECK(!v->bitmap_at || spoiled(records + v->bitmap_bytes_at, 6, 4) == EX_PROFRAW_BROKEN);
	CHECK(spoiled(24, UINT64_MAX, 8) == EX_PROFRAW_BROKEN);
	CHECK(spoiled(values, 64, 4) == EX_PROFRAW_CUT);
	CHECK(spoiled(values, 52, 4) == EX_PROFRAW_BROKEN);
	CHECK(spoiled(values, 0, 4) == EX_PROFRAW_BROKEN);
	CHECK(spoiled(values + 4, v->kinds + 1, 4) == EX_PROFRAW_BROKEN);
	CHECK(spoiled(values + 8, v->kinds, 4) == EX_PROFRAW_BROKEN);
	CHECK(spoiled(values + 12, UINT32_MAX, 4) == EX_PROFRAW_BROKEN);
	CHECK(spoiled(values + 16, 3, 1) == EX_PROFRAW_BROKEN);
}

static void check_version(const struct ex_raw_version *v)
{
	unsigned whole;
	length = 0;
	build(v, v->version);
	check_contents(v);
	check_damage(v);
	size_t one = length, taken_for_whole = 0, not_cut = 0;
	for (size_t cut = 1; cut < one; cut++) {
		enum ex_profraw what = judge(cut, &whole);
		taken_for_whole += what == EX_PROFRAW_WHOLE || whole;
		not_cut += what != EX_PROFRAW_CUT;
	}
	CHECK(taken_for_whole == 0 && not_cut == 0);
	build(v, v->version);
	CHECK(judge(length, &whole) == EX_PROFRAW_WHOLE && whole == 2);
	CHECK(judge(length - 1, &whole) == EX_PROFRAW_CUT && whole == 1);
	bytes[one] ^= 2;
	CHECK(judge(length, &whole) == EX_PROFRAW_BROKEN && whole == 1);
	length = one;
	build(v->version == 8 ? ex_raw_version(9) : ex_raw_version(8), v->version == 8 ? 9 : 8);
	CHECK(judge(length, &whole) == EX_PROFRAW_BROKEN && whole == 1);
	length = one;
	pad(24);
	build(v, v->version);
	pad(5);
	CHECK(judge(length, &whole) == EX_PROFRAW_WHOLE && whole == 2);
	length = one;
	pad(4);
	build(v, v->version);
	CHECK(judge(length, &whole) == EX_PROFRAW_BROKEN && whole == 1);
}

int main(void)
{
	unsigned whole;
	for (unsigned version = 8; version <= 11; version++)
		check_version(ex_raw_version(version));
	CHECK(judge(0, &whole) == EX_PROFRAW_EMPTY);
	length = 0;
	build(ex_raw_version(8), 99);
	CHECK(judge(length, &whole) == EX_PROFRAW_UNKNOWN && whole == 0);
	CHECK(judge(12, &whole) == EX_PROFRAW_CUT);
	bytes[0] = 0;
	CHECK(judge(length, &whole) == EX_PROFRAW_FOREIGN);
	CHECK_DONE();
}
