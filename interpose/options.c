/*
 * options.c: see options.h. The launcher has checked everything; a bare preload has not, so what does not parse is
 * kept aside and told by an event, and the target runs on with the default.
 */
#include "options.h"

#include "expand.h"
#include "options_value.h"
#include "text.h"

struct ex_options ex_options;

#define REFUSED_MAX 8

static struct {
	int why;
	char text[128];
} refused[REFUSED_MAX];
static int refused_count;

void ex_options_refuse(int why, const char *key, const char *value)
{
	struct ex_buffer b;
	if (refused_count == REFUSED_MAX)
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
		ex_options_refuse(EX_refusal_NOT_YET, "flush", value);
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
			ex_options_refuse(EX_refusal_BAD_VALUE, "skip", s);
		s = next;
	}
}

static void set(const char *key, const char *value)
{
	if (ex_same(key, "out"))
		ex_options_set_out(value);
	else if (ex_same(key, "follow"))
		ex_set_flag(&ex_options.follow, key, value);
	else if (ex_same(key, "signals"))
		ex_set_flag(&ex_options.signals, key, value);
	else if (ex_same(key, "probe"))
		ex_set_flag(&ex_options.probe, key, value);
	else if (ex_same(key, "stack"))
		ex_set_size(&ex_options.stack_bytes, EX_STACK_MAX_BYTES, key, value);
	else if (ex_same(key, "limit"))
		ex_set_size(&ex_options.limit_bytes, UINT64_MAX, key, value);
	else if (ex_same(key, "flush"))
		set_flush(value);
	else if (ex_same(key, "skip"))
		set_skip(value);
	else if (!ex_options_set_growth(key, value))
		ex_options_refuse(EX_refusal_UNKNOWN_KEY, key, value);
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
	ex_put_value(&b, ex_options.out);
	ex_put_pair(&b, "follow", ex_options.follow ? "yes" : "no");
	ex_put_pair(&b, "signals", ex_options.signals ? "yes" : "no");
	ex_put_pair(&b, "probe", ex_options.probe ? "on" : "off");
	ex_put_pair_number(&b, "stack", ex_options.stack_bytes);
	ex_put_pair_number(&b, "limit", ex_options.limit_bytes);
	if (ex_options.flush_point >= 0)
		ex_put_pair(&b, "flush", ex_options.flush_text);
	if (*skip)
		ex_put_pair(&b, "skip", skip);
	ex_options_put_growth(&b);
}
