/*
 * emit.h: JSON, written as it comes. Commas, quoting and nesting are its business.
 */
#ifndef EX_EMIT_H
#define EX_EMIT_H

#include <stdint.h>
#include <stdio.h>

struct ex_emit {
	FILE *out;
	int depth;
	int is_first[32];
};

void ex_emit_begin(struct ex_emit *emit, FILE *out);
/* key is NULL inside an array */
void ex_emit_object(struct ex_emit *emit, const char *key);
void ex_emit_array(struct ex_emit *emit, const char *key);
void ex_emit_end(struct ex_emit *emit);					     /* the innermost object or array */
void ex_emit_text(struct ex_emit *emit, const char *key, const char *value); /* NULL: null */
void ex_emit_int(struct ex_emit *emit, const char *key, int64_t value);
void ex_emit_uint(struct ex_emit *emit, const char *key, uint64_t value);
void ex_emit_hex(struct ex_emit *emit, const char *key, uint64_t value); /* as a string "0x…" */
void ex_emit_real(struct ex_emit *emit, const char *key, double value);
void ex_emit_bool(struct ex_emit *emit, const char *key, int value);
void ex_emit_null(struct ex_emit *emit, const char *key);
/* bytes that may not be UTF-8 come out valid; length without NUL */
void ex_emit_bytes(struct ex_emit *emit, const char *key, const char *bytes, size_t length);

#endif
