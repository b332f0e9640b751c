/*
 * profile_names.c: see profile_names.h. Blocks, each: its size unpacked, its size packed by zlib or 0, both LEB128, then
 * names with a byte 1 between them; zeroes behind it.
 */
#include "profile_names.h"

#include "md5.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SEPARATOR 1
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

/* the names of one block, one after the other, NUL behind; NULL when it is damaged */
static char *unpack(struct reader *r, uint64_t *bytes)
{
	uint64_t packed;
	if (leb(r, bytes) || leb(r, &packed))
		return NULL;
	uint64_t taken = packed ? packed : *bytes;
	if (taken > (uint64_t)(r->end - r->at) || *bytes / RATIO_MAX > taken)
		return NULL;
	char *names = malloc(*bytes + 1);
	if (!names)
		return NULL;
	uLongf got = *bytes;
	if (!packed) {
		memcpy(names, r->at, *bytes);
	} else if (uncompress((Bytef *)names, &got, r->at, packed) != Z_OK || got != *bytes) {
		free(names);
		return NULL;
	}
	names[*bytes] = '\0';
	r->at += taken;
	while (r->at < r->end && !*r->at)
		r->at++;
	return names;
}

static int by_ref(const void *a, const void *b)
{
	const struct ex_profile_name *x = a, *y = b;
	return (x->ref > y->ref) - (x->ref < y->ref);
}

static void add(struct ex_profile_names *names, char *text, size_t length)
{
	unsigned char digest[16];
	if (!(names->count & (names->count + 1))) {
		names->names = realloc(names->names, (2 * names->count + 1) * sizeof(*names->names));
		if (!names->names)
			abort();
	}
	ex_md5(digest, text, length);
	uint64_t ref;
	memcpy(&ref, digest, sizeof(ref));
	text[length] = '\0';
	names->names[names->count++] = (struct ex_profile_name){ref, text};
}

static int is_empty_name(const char *text, uint64_t bytes)
{
	return !bytes || *text == SEPARATOR || text[bytes - 1] == SEPARATOR || memmem(text, bytes, "\1\1", 2);
}

int ex_profile_names_read(struct ex_profile_names *names, const unsigned char *bytes, size_t length)
{
	struct reader r = {bytes, bytes + length};
	uint64_t block_bytes;
	int status = 0;
	*names = (struct ex_profile_names){NULL, 0};
	while (r.at < r.end && !status) {
		char *text = unpack(&r, &block_bytes), *end = text + block_bytes;
		if (!text || is_empty_name(text, block_bytes))
			status = -1;
		while (text && text <= end) {
			char *next = memchr(text, SEPARATOR, (size_t)(end - text));
			if (!next)
				next = end;
			add(names, text, (size_t)(next - text));
			text = next + 1;
		}
	}
	if (names->count)
		qsort(names->names, names->count, sizeof(*names->names), by_ref);
	return status;
}

int ex_profile_names_check(const unsigned char *bytes, size_t length)
{
	struct reader r = {bytes, bytes + length};
	uint64_t block_bytes;
	while (r.at < r.end) {
		char *text = unpack(&r, &block_bytes);
		int is_bad = !text || is_empty_name(text, block_bytes);
		free(text);
		if (is_bad)
			return -1;
	}
	return 0;
}

const char *ex_profile_name(const struct ex_profile_names *names, uint64_t ref)
{
	struct ex_profile_name key = {ref, NULL};
	const struct ex_profile_name *found =
		names->count ? bsearch(&key, names->names, names->count, sizeof(*names->names), by_ref) : NULL;
	return found ? found->text : NULL;
}
