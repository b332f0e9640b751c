/*
 * options.c: see options.h. The launcher has checked everything; a bare preload has not, so what does not parse is
 * kept aside and told by an event, and the target runs on with the default.
 */
#include "options.h"

#include "expand.h"
#include "text.h"

struct ex_options ex_options;

static struct {
	int why;
	char text[128];
} refused[EX_SKIP_MAX];
static int refused_count;

static void refuse(int why, const char *key, const char *value)
{
	struct ex_buffer b;
	if (refused_count == EX_SKIP_MAX)
		return;
	refused[refused_count].why = why;
	ex_buffer_init(&b, refused[refused_count++].text, sizeof(refused[0].text));
	ex_buffer_text(&b, key);
	ex_buffer_text(&b, "=");
	ex_buffer_text(&b, value);
}

void ex_options_refused(void (*each)(int why, const char *option))
{
	for (int i = 0; i < refused_count; i++)
		each(refused[i].why, refused[i].text);
}

/* "16", "8K", "64M", "1G"; -1 when it is none of these */
static int64_t size_of(const char *s)
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

static int flag_of(const char *s)
{
	if (ex_same(s, "yes") || ex_same(s, "on") || ex_same(s, "1") || ex_same(s, "true"))
		return 1;
	if (ex_same(s, "no") || ex_same(s, "off") || ex_same(s, "0") || ex_same(s, "false"))
		return 0;
	return -1;
}

/* cuts s at the first comma; returns what follows it, or NULL */
static char *split(char *s)
{
	for (; *s; s++) {
		if (*s == ',') {
			*s = 0;
			return s + 1;
		}
	}
	return NULL;
}

static int parse_spec(struct ex_spec *spec, const char *s)
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

static void copy(char *to, const char *from)
{
	struct ex_buffer b;
	ex_buffer_init(&b, to, EX_OPTION_MAX_BYTES);
	ex_buffer_text(&b, from);
}

static void set_flush(const char *value)
{
	copy(ex_options.flush_text, value);
	const char *s = ex_options.flush_text;
	ex_options.flush_point = -1;
	if (!*s)
		return;
	if (ex_same(s, "main-end"))
		ex_options.flush_point = EX_point_MAIN_END;
	else if (ex_same(s, "exit"))
		ex_options.flush_point = EX_point_EXIT;
	else if (ex_starts(s, "before:") && parse_spec(&ex_options.flush_at, s + 7))
		ex_options.flush_point = EX_point_BEFORE;
	else if (ex_starts(s, "after:") && parse_spec(&ex_options.flush_at, s + 6))
		ex_options.flush_point = EX_point_AFTER;
	else
		refuse(EX_refusal_NOT_YET, "flush", value);
}

static void set_skip(const char *value)
{
	copy(ex_options.skip_text, value);
	ex_options.skip_count = 0;
	for (char *s = ex_options.skip_text; s && *s;) {
		char *next = split(s);
		if (ex_options.skip_count < EX_SKIP_MAX && parse_spec(&ex_options.skip[ex_options.skip_count], s))
			ex_options.skip_count++;
		else
			refuse(EX_refusal_BAD_VALUE, "skip", s);
		s = next;
	}
}

static void set_flag(int *flag, const char *key, const char *value)
{
	int on = flag_of(value);
	if (on < 0)
		refuse(EX_refusal_BAD_VALUE, key, value);
	else
		*flag = on;
}

static void set_size(uint64_t *bytes, uint64_t max, const char *key, const char *value)
{
	int64_t size = size_of(value);
	if (size < 0)
		refuse(EX_refusal_BAD_VALUE, key, value);
	else
		*bytes = (uint64_t)size > max ? max : (uint64_t)size;
}

static void set(const char *key, const char *value)
{
	if (ex_same(key, "out"))
		ex_options_set_out(value);
	else if (ex_same(key, "follow"))
		set_flag(&ex_options.follow, key, value);
	else if (ex_same(key, "signals"))
		set_flag(&ex_options.signals, key, value);
	else if (ex_same(key, "probe"))
		set_flag(&ex_options.probe, key, value);
	else if (ex_same(key, "stack"))
		set_size(&ex_options.stack_bytes, EX_STACK_MAX_BYTES, key, value);
	else if (ex_same(key, "limit"))
		set_size(&ex_options.limit_bytes, UINT64_MAX, key, value);
	else if (ex_same(key, "flush"))
		set_flush(value);
	else if (ex_same(key, "skip"))
		set_skip(value);
	else
		refuse(EX_refusal_UNKNOWN_KEY, key, value);
}

void ex_options_set_out(const char *dir)
{
	copy(ex_options.out, dir);
}

/* one KEY=VALUE of the variable, %XX undone; returns what follows it */
static const char *next_pair(const char *s, char *key, char *value)
{
	struct ex_buffer b;
	while (*s == ' ')
		s++;
	ex_buffer_init(&b, key, EX_OPTION_MAX_BYTES);
	while (*s && *s != '=' && *s != ' ')
		ex_buffer_bytes(&b, s++, 1);
	ex_buffer_init(&b, value, EX_OPTION_MAX_BYTES);
	if (*s == '=')
		s++;
	while (*s && *s != ' ') {
		char c = *s++;
		if (c == '%' && s[0] && s[1]) {
			char two[3] = {s[0], s[1], 0};
			const char *end;
			c = (char)ex_hex(two, &end);
			s += 2;
		}
		ex_buffer_bytes(&b, &c, 1);
	}
	return s;
}

void ex_options_read(const char *value)
{
	static char key[EX_OPTION_MAX_BYTES], text[EX_OPTION_MAX_BYTES];
	ex_options.flush_point = -1;
	refused_count = 0;
#define OPT(type, name, value_, doc) set(#name, value_);
#include "options.def"
#undef OPT
	while (value && *value) {
		value = next_pair(value, key, text);
		if (*key)
			set(key, text);
	}
}

static void escape(struct ex_buffer *b, const char *value)
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

static void pair(struct ex_buffer *b, const char *key, const char *value)
{
	ex_buffer_text(b, " ");
	ex_buffer_text(b, key);
	ex_buffer_text(b, "=");
	escape(b, value);
}

static void pair_number(struct ex_buffer *b, const char *key, uint64_t value)
{
	char digits[24];
	struct ex_buffer n;
	ex_buffer_init(&n, digits, sizeof(digits));
	ex_buffer_number(&n, value);
	pair(b, key, digits);
}

void ex_options_settle(void)
{
	static char skip[EX_OPTION_MAX_BYTES];
	struct ex_buffer b;
	ex_buffer_init(&b, skip, sizeof(skip));
	for (int i = 0; i < ex_options.skip_count; i++) { /* set_skip cut the list at its commas */
		const struct ex_spec *s = &ex_options.skip[i];
		if (i)
			ex_buffer_text(&b, ",");
		if (s->row) {
			ex_buffer_text(&b, "#");
			ex_buffer_number(&b, s->row);
		} else {
			ex_buffer_text(&b, s->module ? s->module : s->symbol);
		}
	}
	ex_buffer_init(&b, ex_options.all, sizeof(ex_options.all));
	ex_buffer_text(&b, "EXEUNT=out=");
	escape(&b, ex_options.out);
	pair(&b, "follow", ex_options.follow ? "yes" : "no");
	pair(&b, "signals", ex_options.signals ? "yes" : "no");
	pair(&b, "probe", ex_options.probe ? "on" : "off");
	pair_number(&b, "stack", ex_options.stack_bytes);
	pair_number(&b, "limit", ex_options.limit_bytes);
	if (ex_options.flush_point >= 0)
		pair(&b, "flush", ex_options.flush_text);
	if (*skip)
		pair(&b, "skip", skip);
}
