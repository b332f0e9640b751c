/*
 * t_emit.c: JSON that any strict parser takes, whatever the bytes: file names and arguments are no UTF-8 by right.
 */
#include "emit.h"
#include "tap.h"

static char *text;
static size_t length;
static struct ex_emit emit;

static void begin(void)
{
	ex_emit_begin(&emit, open_memstream(&text, &length));
	ex_emit_array(&emit, NULL);
}

static const char *end(void)
{
	ex_emit_end(&emit);
	fclose(emit.out);
	return text;
}

static void one(const char *bytes, const char *wanted)
{
	char line[256];
	begin();
	ex_emit_text(&emit, NULL, bytes);
	snprintf(line, sizeof(line), "[\n  %s\n]\n", wanted);
	IS_TEXT(end(), line, "%s", wanted);
}

int main(void)
{
	one("plain", "\"plain\"");
	one("\"quoted\\\"", "\"\\\"quoted\\\\\\\"\"");
	one("a\nb\tc\001\177", "\"a\\nb\\tc\\u0001\\u007f\"");
	one("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x8e\xad", "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x8e\xad\"");
	one("lone \xff, \xc3", "\"lone \\ufffd, \\ufffd\"");
	one("overlong \xc0\xaf \xe0\x80\xaf", "\"overlong \\ufffd\\ufffd \\ufffd\\ufffd\\ufffd\"");
	one("surrogate \xed\xa0\x80", "\"surrogate \\ufffd\\ufffd\\ufffd\"");
	one(NULL, "null");
	begin();
	IS_TEXT(end(), "[]\n", "an empty array");
	begin();
	ex_emit_object(&emit, NULL);
	ex_emit_uint(&emit, "u", UINT64_MAX);
	ex_emit_int(&emit, "i", -1);
	ex_emit_hex(&emit, "h", 0x1f);
	ex_emit_real(&emit, "r", 0.0 / 0.0);
	ex_emit_bool(&emit, "b", 1);
	ex_emit_end(&emit);
	ex_emit_null(&emit, NULL);
	IS_TEXT(end(),
		"[\n  {\n    \"u\": 18446744073709551615,\n    \"i\": -1,\n    \"h\": \"0x1f\",\n    \"r\": null,\n"
		"    \"b\": true\n  },\n  null\n]\n",
		"numbers, nesting, commas");
	return tap_done();
}
