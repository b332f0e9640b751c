/*
 * profile_names.c: see profile_names.h. Blocks, each: its size unpacked, its size packed by zlib or 0, both LEB128, then
 * names with a byte 1 between them; zeroes behind it.
 */
#include "profile_names.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define RATIO_MAX 1032 /* zlib packs no better */

struct reader {
	const unsigned char *at, *end;
};

static int leb(struct reader *r, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; r->at < r->end && shift < 64; shift += 7) {
		*value |= (uint64_t)(*r->at & 0x7f) << shift;
		if (!(*r->at++ & 0x80))
			return 0;
	}
	return -1;
}

/* the names of one block, NUL behind; NULL when it is damaged */
static char *unpack(struct reader *r, size_t *length)
{
	uint64_t plain, packed;
	if (leb(r, &plain) || leb(r, &packed))
		return NULL;
	uint64_t taken = packed ? packed : plain;
	if (taken > (uint64_t)(r->end - r->at) || plain / RATIO_MAX > taken)
		return NULL;
	char *text = malloc(plain + 1);
	uLongf got = plain;
	if (!text)
		return NULL;
	if (!packed) {
		memcpy(text, r->at, plain);
	} else if (uncompress((Bytef *)text, &got, r->at, packed) != Z_OK) {
		free(text);
		return NULL;
	}
	text[got] = '\0';
	*length = got; /* fewer than promised are fine with llvm-profdata */
	r->at += taken;
	while (r->at < r->end && !*r->at)
		r->at++;
	return text;
}

static int has_empty_name(const char *text, size_t length)
{
	static const char two[] = {EX_PROFILE_NAMES_SEPARATOR, EX_PROFILE_NAMES_SEPARATOR};
	return !length || *text == *two || text[length - 1] == *two || memmem(text, length, two, sizeof(two));
}

int ex_profile_names_blocks(const unsigned char *bytes, size_t length, ex_profile_names_each each, void *arg)
{
	struct reader r = {bytes, bytes + length};
	size_t block_length;
	while (r.at < r.end) {
		char *text = unpack(&r, &block_length);
		int is_bad = !text || has_empty_name(text, block_length);
		if (!is_bad && each)
			each(arg, text, block_length);
		free(text);
		if (is_bad)
			return -1;
	}
	return 0;
}
