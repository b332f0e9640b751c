/*
 * options_value.c: see options_value.h.
 */
#include "options_value.h"

#include "expand.h"
#include "options.h"

int64_t ex_value_size(const char *s)
{
	const char *end;
	uint64_t value = ex_decimal(s, &end);
	if (end == s)
		return -1;
	if (*end == 'K' || *end == 'k')
		value <<= 10, end++;
	else if (*end == 'M' || *end == 'm')
		value <<= 20, end++;
	else if (*end == 'G' || *end == 'g')
		value <<= 30, end++;
	return *end ? -1 : (int64_t)value;
}

int ex_value_flag(const char *s)
{
	if (ex_same(s, "yes") || ex_same(s, "on") || ex_same(s, "1") || ex_same(s, "true"))
		return 1;
	if (ex_same(s, "no") || ex_same(s, "off") || ex_same(s, "0") || ex_same(s, "false"))
		return 0;
	return -1;
}

int ex_value_word(const char *s, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (ex_same(s, words[i]))
			return i;
	return -1;
}

int ex_value_spec(struct ex_spec *spec, const char *s)
{
	const char *end;
	*spec = (struct ex_spec){0, NULL, 0, 0, NULL};
	if (*s == '#') {
		spec->row = (uint32_t)ex_decimal(s + 1, &end);
		return spec->row && !*end;
	}
	for (const char *plus = s; *plus; plus++) {
		if (!ex_starts(plus, "+0x"))
			continue;
		spec->offset = ex_hex(plus + 3, &end);
		if (*end || end == plus + 3)
			continue;
		spec->module = s;
		spec->module_length = (size_t)(plus - s);
		return plus > s;
	}
	spec->symbol = s;
	return *s != 0;
}

void ex_set_flag(int *flag, const char *key, const char *value)
{
	int on = ex_value_flag(value);
	if (on < 0)
		ex_options_refuse(EX_refusal_BAD_VALUE, key, value);
	else
		*flag = on;
}

void ex_set_text(char *to, const char *value)
{
	struct ex_buffer b;
	ex_buffer_init(&b, to, EX_OPTION_MAX_BYTES);
	ex_buffer_text(&b, value);
}

void ex_set_size(uint64_t *bytes, uint64_t max, const char *key, const char *value)
{
	int64_t size = ex_value_size(value);
	if (size < 0)
		ex_options_refuse(EX_refusal_BAD_VALUE, key, value);
	else
		*bytes = (uint64_t)size > max ? max : (uint64_t)size;
}

void ex_put_value(struct ex_buffer *b, const char *value)
{
	static const char digits[] = "0123456789abcdef";
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
		if (c > ' ' && c != '%' && c != 127)
			ex_buffer_bytes(b, value, 1);
		else
			ex_buffer_bytes(b, escaped, 3);
	}
}

void ex_put_pair(struct ex_buffer *b, const char *key, const char *value)
{
	ex_buffer_text(b, " ");
	ex_buffer_text(b, key);
	ex_buffer_text(b, "=");
	ex_put_value(b, value);
}

void ex_put_pair_number(struct ex_buffer *b, const char *key, uint64_t value)
{
	char digits[24];
	struct ex_buffer n;
	ex_buffer_init(&n, digits, sizeof(digits));
	ex_buffer_number(&n, value);
	ex_put_pair(b, key, digits);
}
