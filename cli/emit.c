/*
 * emit.c: JSON as a stream. Owns commas, indentation and quoting; must never hold a value back or write anything
 * that a strict parser would refuse, whatever bytes it is given.
 */
#include "emit.h"

#include <inttypes.h>
#include <string.h>

#define CLOSER_BIT 2 /* in is_first[]: bit 0 = nothing written yet, bit 1 = an array */

void ex_emit_begin(struct ex_emit *emit, FILE *out)
{
	memset(emit, 0, sizeof(*emit));
	emit->out = out;
	emit->is_first[0] = 1;
}

static void quote(FILE *out, const unsigned char *text, size_t length);

static void lead(struct ex_emit *emit, const char *key)
{
	int *level = &emit->is_first[emit->depth];
	if (!(*level & 1))
		fputc(',', emit->out);
	*level &= ~1;
	if (emit->depth) {
		fputc('\n', emit->out);
		for (int n = 0; n < emit->depth; n++)
			fputs("  ", emit->out);
	}
	if (key) {
		quote(emit->out, (const unsigned char *)key, strlen(key));
		fputs(": ", emit->out);
	}
}

static void open_level(struct ex_emit *emit, const char *key, int flags, char bracket)
{
	lead(emit, key);
	fputc(bracket, emit->out);
	if (emit->depth + 1 < (int)(sizeof(emit->is_first) / sizeof(emit->is_first[0])))
		emit->depth++;
	emit->is_first[emit->depth] = flags;
}

void ex_emit_object(struct ex_emit *emit, const char *key)
{
	open_level(emit, key, 1, '{');
}

void ex_emit_array(struct ex_emit *emit, const char *key)
{
	open_level(emit, key, 1 | CLOSER_BIT, '[');
}

void ex_emit_end(struct ex_emit *emit)
{
	int flags = emit->is_first[emit->depth];
	emit->depth--;
	if (!(flags & 1)) {
		fputc('\n', emit->out);
		for (int n = 0; n < emit->depth; n++)
			fputs("  ", emit->out);
	}
	fputc(flags & CLOSER_BIT ? ']' : '}', emit->out);
	if (emit->depth == 0)
		fputc('\n', emit->out);
}

/* bytes of the well-formed UTF-8 sequence at text, 0 when there is none (RFC 3629: no overlong forms, no surrogates) */
static size_t utf8_length(const unsigned char *t, size_t room)
{
	size_t need = t[0] < 0x80 ? 1 : t[0] >= 0xC2 && t[0] <= 0xDF ? 2 : (t[0] & 0xF0) == 0xE0 ? 3 : 0;
	if (t[0] >= 0xF0 && t[0] <= 0xF4)
		need = 4;
	if (need == 0 || need > room)
		return 0;
	for (size_t n = 1; n < need; n++)
		if ((t[n] & 0xC0) != 0x80)
			return 0;
	if ((t[0] == 0xE0 && t[1] < 0xA0) || (t[0] == 0xED && t[1] > 0x9F) || (t[0] == 0xF0 && t[1] < 0x90) ||
	    (t[0] == 0xF4 && t[1] > 0x8F))
		return 0;
	return need;
}

static void quote(FILE *out, const unsigned char *text, size_t length)
{
	fputc('"', out);
	for (size_t n = 0; n < length;) {
		size_t bytes = utf8_length(text + n, length - n);
		unsigned char c = text[n];
		if (bytes == 0) {
			fputs("\\ufffd", out); /* what JSON has for a byte that is no character */
			n++;
			continue;
		}
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c == '\t')
			fputs("\\t", out);
		else if (c < 0x20 || c == 0x7F)
			fprintf(out, "\\u%04x", c);
		else
			fwrite(text + n, 1, bytes, out);
		n += bytes;
	}
	fputc('"', out);
}

void ex_emit_bytes(struct ex_emit *emit, const char *key, const char *bytes, size_t length)
{
	lead(emit, key);
	quote(emit->out, (const unsigned char *)bytes, length);
}

void ex_emit_text(struct ex_emit *emit, const char *key, const char *value)
{
	if (value)
		ex_emit_bytes(emit, key, value, strlen(value));
	else
		ex_emit_null(emit, key);
}

void ex_emit_int(struct ex_emit *emit, const char *key, int64_t value)
{
	lead(emit, key);
	fprintf(emit->out, "%" PRId64, value);
}

void ex_emit_uint(struct ex_emit *emit, const char *key, uint64_t value)
{
	lead(emit, key);
	fprintf(emit->out, "%" PRIu64, value);
}

void ex_emit_hex(struct ex_emit *emit, const char *key, uint64_t value)
{
	lead(emit, key);
	fprintf(emit->out, "\"0x%" PRIx64 "\"", value);
}

void ex_emit_real(struct ex_emit *emit, const char *key, double value)
{
	if (value != value || value > 1e300 || value < -1e300) { /* JSON has no word for these */
		ex_emit_null(emit, key);
		return;
	}
	lead(emit, key);
	fprintf(emit->out, "%.6g", value);
}

void ex_emit_bool(struct ex_emit *emit, const char *key, int value)
{
	lead(emit, key);
	fputs(value ? "true" : "false", emit->out);
}

void ex_emit_null(struct ex_emit *emit, const char *key)
{
	lead(emit, key);
	fputs("null", emit->out);
}
