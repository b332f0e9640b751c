/*
 * ar_file.c: see ar_file.h. libelf reads no thin archives, and opens a file only, so the few rules are here. Must never
 * believe a length.
 */
#include "ar_file.h"

#include <ar.h>
#include <stdlib.h>
#include <string.h>

#define THIN_MAGIC "!<thin>\n"

int ex_ar_file_open(struct ex_ar_file *ar, unsigned char *bytes, size_t length)
{
	int is_thin = length >= SARMAG && memcmp(bytes, THIN_MAGIC, SARMAG) == 0;
	if (!is_thin && (length < SARMAG || memcmp(bytes, ARMAG, SARMAG) != 0))
		return 0;
	*ar = (struct ex_ar_file){.bytes = bytes, .length = length, .at = SARMAG, .is_thin = is_thin};
	return 1;
}

/* a decimal number, blanks behind; -1: none */
static long long number_at(const char *field, size_t width)
{
	long long value = 0;
	size_t i = 0;
	for (; i < width && field[i] >= '0' && field[i] <= '9'; i++)
		value = value * 10 + (field[i] - '0');
	return i ? value : -1;
}

static const char *copied(const void *text, size_t length)
{
	char *copy = strndup(text, length);
	if (!copy)
		abort();
	return copy;
}

/* "/123" is an offset into the table of names, where a name ends with "/\n"; a thin archive's path may hold '/' itself */
static const char *long_name(const struct ex_ar_file *ar, const char *field)
{
	long long offset = number_at(field + 1, sizeof(((struct ar_hdr *)0)->ar_name) - 1);
	if (offset < 0 || !ar->names || (size_t)offset >= ar->names_length)
		return NULL;
	const unsigned char *name = ar->names + offset;
	const unsigned char *end = memchr(name, '\n', ar->names_length - (size_t)offset);
	size_t length = end ? (size_t)(end - name) : ar->names_length - (size_t)offset;
	if (length && name[length - 1] == '/')
		length--;
	return copied(name, length);
}

static const char *short_name(const char *field)
{
	size_t length = sizeof(((struct ar_hdr *)0)->ar_name);
	while (length && field[length - 1] == ' ')
		length--;
	if (length > 1 && field[length - 1] == '/')
		length--;
	return copied(field, length);
}

static int is_named(const char *field, const char *name)
{
	size_t length = strlen(name);
	return memcmp(field, name, length) == 0 && field[length] == ' ';
}

int ex_ar_file_next(struct ex_ar_file *ar, struct ex_ar_member *member)
{
	for (;;) {
		struct ar_hdr header;
		size_t left = ar->length - ar->at;
		if (left < 2) /* the padding of the last member, too */
			return 0;
		if (left < sizeof(header))
			return -1;
		memcpy(&header, ar->bytes + ar->at, sizeof(header));
		long long size = number_at(header.ar_size, sizeof(header.ar_size));
		if (memcmp(header.ar_fmag, ARFMAG, sizeof(header.ar_fmag)) != 0 || size < 0)
			return -1;
		unsigned char *content = ar->bytes + ar->at + sizeof(header);
		left -= sizeof(header);
		int is_table = is_named(header.ar_name, "/") || is_named(header.ar_name, "//") ||
			       is_named(header.ar_name, "/SYM64/");
		size_t inside = ar->is_thin && !is_table ? 0 : (size_t)size;
		if (inside > left)
			return -1;
		ar->at += sizeof(header) + inside + (inside & 1 && inside < left);
		if (is_named(header.ar_name, "//")) {
			ar->names = content;
			ar->names_length = inside;
		}
		if (is_table)
			continue;
		*member = (struct ex_ar_member){.bytes = ar->is_thin ? NULL : content, .length = inside};
		if (memcmp(header.ar_name, "#1/", 3) == 0) { /* BSD: the name stands in front of the content */
			long long length = number_at(header.ar_name + 3, sizeof(header.ar_name) - 3);
			if (length < 0 || (size_t)length > inside)
				return -1;
			member->name = copied(content, (size_t)length);
			member->bytes += length;
			member->length -= (size_t)length;
		} else {
			member->name =
				header.ar_name[0] == '/' ? long_name(ar, header.ar_name) : short_name(header.ar_name);
		}
		if (!member->name)
			return -1;
		if (strncmp(member->name, "__.SYMDEF", 9) != 0)
			return 1;
	}
}
