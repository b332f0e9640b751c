/*
 * scan_names.c: see scan_names.h. A function that only its object sees has the object in front of its name, with ':' (LLVM up
 * to 16, and the front end's) or ';' between.
 */
#include "scan_names.h"

#include "md5.h"
#include "profile_names.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

static const char *copied(const char *text, size_t length)
{
	char *copy = strndup(text, length);
	if (!copy)
		abort();
	return copy;
}

static uint64_t hash_of(const char *text, size_t length)
{
	unsigned char digest[16];
	uint64_t hash;
	ex_md5(digest, text, length);
	memcpy(&hash, digest, sizeof(hash));
	return le64toh(hash);
}

static void add_name(struct ex_scan_names *names, const char *text, size_t length)
{
	if (!(names->count & (names->count + 1))) { /* 2^n - 1 */
		names->list = realloc(names->list, (names->count + 1) * 2 * sizeof(*names->list));
		if (!names->list)
			abort();
	}
	size_t object = 0;
	while (object < length && text[object] != ';' && text[object] != ':')
		object++;
	struct ex_scan_name name = {.hash = hash_of(text, length), .block = names->blocks};
	if (object && object < length) {
		name.object = copied(text, object);
		name.function = copied(text + object + 1, length - object - 1);
	} else {
		name.function = copied(text, length);
	}
	names->list[names->count++] = name;
}

/* A function without an object in its name is of its block's, where all others of the block name the same one: with LTO a
 * block has the names of several. */
static void name_block(struct ex_scan_names *names, size_t first)
{
	const char *object = NULL;
	for (size_t i = first; i < names->count; i++) {
		const char *own = names->list[i].object;
		if (own && object && strcmp(own, object) != 0)
			return;
		object = own ? own : object;
	}
	for (size_t i = first; i < names->count; i++)
		names->list[i].object = object;
}

static void add_block(void *arg, const char *text, size_t length)
{
	struct ex_scan_names *names = arg;
	size_t first = names->count;
	for (const char *end = text + length; text < end;) {
		const char *separator = memchr(text, EX_PROFILE_NAMES_SEPARATOR, (size_t)(end - text));
		size_t one = (size_t)((separator ? separator : end) - text);
		add_name(names, text, one);
		text += one + 1;
	}
	name_block(names, first);
	names->blocks++;
}

void ex_scan_names_add(struct ex_scan_names *names, const unsigned char *bytes, size_t length)
{
	names->is_damaged |= ex_profile_names_blocks(bytes, length, add_block, names) != 0;
}

static int by_hash(const void *a, const void *b)
{
	const struct ex_scan_name *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->block < y->block ? -1 : x->block > y->block;
}

void ex_scan_names_done(struct ex_scan_names *names)
{
	size_t kept = 0;
	if (names->count)
		qsort(names->list, names->count, sizeof(*names->list), by_hash);
	for (size_t i = 0; i < names->count; i++)
		if (!kept || names->list[kept - 1].hash != names->list[i].hash)
			names->list[kept++] = names->list[i];
	names->count = kept;
}

const struct ex_scan_name *ex_scan_names_find(const struct ex_scan_names *names, uint64_t hash)
{
	size_t low = 0, high = names->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (names->list[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	return low < names->count && names->list[low].hash == hash ? &names->list[low] : NULL;
}
