/*
 * text.c: see text.h. Plain loops: none of this is hot, and libc's versions carry newer symbol versions
 * (memcpy@GLIBC_2.14) and may be interposed.
 */
#include "text.h"

size_t ex_length(const char *s)
{
	size_t n = 0;
	while (s[n])
		n++;
	return n;
}

int ex_same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

int ex_starts(const char *s, const char *prefix)
{
	while (*prefix)
		if (*s++ != *prefix++)
			return 0;
	return 1;
}

const char *ex_base(const char *path)
{
	const char *base = path;
	for (; *path; path++)
		if (*path == '/')
			base = path + 1;
	return base;
}

void ex_buffer_init(struct ex_buffer *b, char *bytes, size_t size)
{
	b->at = bytes;
	b->end = bytes + size - 1;
	b->is_cut = 0;
	*bytes = 0;
}

void ex_buffer_bytes(struct ex_buffer *b, const char *s, size_t count)
{
	while (count--) {
		if (b->at == b->end) {
			b->is_cut = 1;
			break;
		}
		*b->at++ = *s++;
	}
	*b->at = 0;
}

void ex_buffer_text(struct ex_buffer *b, const char *s)
{
	ex_buffer_bytes(b, s, ex_length(s));
}

void ex_buffer_number(struct ex_buffer *b, uint64_t value)
{
	char digits[20];
	size_t n = sizeof(digits);
	do {
		digits[--n] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	ex_buffer_bytes(b, digits + n, sizeof(digits) - n);
}

uint64_t ex_hex(const char *s, const char **end)
{
	uint64_t value = 0;
	for (;; s++) {
		unsigned c = (unsigned char)*s;
		if (c >= '0' && c <= '9')
			value = value << 4 | (c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			value = value << 4 | ((c | 32) - 'a' + 10);
		else
			break;
	}
	*end = s;
	return value;
}

uint64_t ex_decimal(const char *s, const char **end)
{
	uint64_t value = 0;
	for (; *s >= '0' && *s <= '9'; s++)
		value = value * 10 + (uint64_t)(*s - '0');
	*end = s;
	return value;
}

void *memcpy(void *to, const void *from, size_t count)
{
	unsigned char *t = to;
	const unsigned char *f = from;
	while (count--)
		*t++ = *f++;
	return to;
}

void *memmove(void *to, const void *from, size_t count)
{
	unsigned char *t = to;
	const unsigned char *f = from;
	if (t <= f || t >= f + count)
		return memcpy(to, from, count);
	while (count--)
		t[count] = f[count];
	return to;
}

void *memset(void *to, int value, size_t count)
{
	unsigned char *t = to;
	while (count--)
		*t++ = (unsigned char)value;
	return to;
}

int memcmp(const void *a, const void *b, size_t count)
{
	const unsigned char *x = a, *y = b;
	for (; count; count--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}
