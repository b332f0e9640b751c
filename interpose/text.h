/*
 * text.h: the few string functions that the library needs. All take what they are given as bounded by NUL or length.
 */
#ifndef EX_TEXT_H
#define EX_TEXT_H

#include <stddef.h>
#include <stdint.h>

size_t ex_length(const char *s);
int ex_same(const char *a, const char *b);
int ex_starts(const char *s, const char *prefix);
const char *ex_base(const char *path); /* after the last slash */

/* appends to a buffer of fixed size, always NUL-terminated; too long is cut and noted */
struct ex_buffer {
	char *at, *end;
	int is_cut;
};
void ex_buffer_init(struct ex_buffer *b, char *bytes, size_t size);
void ex_buffer_text(struct ex_buffer *b, const char *s);
void ex_buffer_bytes(struct ex_buffer *b, const char *s, size_t count);
void ex_buffer_number(struct ex_buffer *b, uint64_t value);

/* hexadecimal or decimal; end gets the first character not used. 0 when there is no digit (end == s) */
uint64_t ex_hex(const char *s, const char **end);
uint64_t ex_decimal(const char *s, const char **end);

/* the compiler may call these for copies of structs; hidden, so nothing is imported */
void *memcpy(void *to, const void *from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *a, const void *b, size_t count);

#endif
