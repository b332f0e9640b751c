/*
 * t_profraw.c: raw profiles built here word by word, whole and cut at every byte.
 */
#include "profraw.h"

#include "check.h"

#include <stdint.h>
#include <stdlib.h>

static unsigned char bytes[4096];
static size_t length;

static void put(uint64_t value, unsigned size)
{
	memcpy(bytes + length, &value, size);
	length += size;
}

static void pad(size_t count)
{
	while (count--)
		bytes[length++] = 0;
}

/* two records, the second with one value site; 3 counters, 13 bytes of names */
static void build(unsigned version)
{
	unsigned record_bytes = version == 8 ? 48 : 64, sites_at = version == 8 ? 44 : 52;
	put(0xff6c70726f667281ull, 8);
	put(version | 1ull << 56, 8);
	put(16, 8); /* binary ids */
	put(2, 8);  /* records */
	put(0, 8);
	put(3, 8); /* counters */
	put(0, 8);
	if (version > 8) {
		put(5, 8); /* bitmap */
		put(3, 8);
	}
	put(13, 8); /* names */
	pad(8 * (version == 8 ? 3 : 4));
	if (version == 10) {
		length -= 8;
		put(1, 8); /* virtual tables */
		put(7, 8); /* their names */
		put(2, 8);
	}
	pad(16);
	pad(record_bytes);
	pad(sites_at);
	put(1, 2);
	pad(record_bytes - sites_at - 2);
	pad(3 * 8);
	if (version > 8)
		pad(8);
	pad(16);
	if (version == 10)
		pad(24 + 8);
	put(24, 4); /* value data: its size, its kinds */
	put(1, 4);
	pad(16);
}

int main(void)
{
	unsigned count;
	for (unsigned version = 8; version <= 10; version++) {
		length = 0;
		build(version);
		size_t one = length;
		CHECK(ex_profraw_check(bytes, one, &count) == EX_PROFRAW_WHOLE && count == 1);
		size_t taken_for_whole = 0;
		for (size_t cut = 1; cut < one; cut++)
			taken_for_whole += ex_profraw_check(bytes, cut, &count) == EX_PROFRAW_WHOLE || count;
		CHECK(taken_for_whole == 0);
		build(version);
		CHECK(ex_profraw_check(bytes, length, &count) == EX_PROFRAW_WHOLE && count == 2);
		CHECK(ex_profraw_check(bytes, length - 1, &count) == EX_PROFRAW_CUT && count == 1);
		bytes[one] ^= 1;
		CHECK(ex_profraw_check(bytes, length, &count) == EX_PROFRAW_CUT && count == 1);
	}
	CHECK(ex_profraw_check(bytes, 0, &count) == EX_PROFRAW_EMPTY);
	length = 0;
	build(8);
	bytes[8] = 99;
	CHECK(ex_profraw_check(bytes, length, &count) == EX_PROFRAW_NEWER);
	memset(bytes + 16, 0xff, 64); /* sizes that overflow */
	bytes[8] = 8;
	CHECK(ex_profraw_check(bytes, length, &count) == EX_PROFRAW_CUT);
	bytes[0] = 0;
	CHECK(ex_profraw_check(bytes, length, &count) == EX_PROFRAW_FOREIGN);
	CHECK_DONE();
}
