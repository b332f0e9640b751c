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
	else if (!ex_options_set_profile(key, value) && !ex_options_set_teardown(key, value) &&
		 !ex_options_set_growth(key, value) && !ex_options_set_sandbox(key, value) &&
		 !ex_options_set_guard(key, value) && !ex_options_set_watch(key, value) &&
		 !ex_options_set_clone(key, value))
		ex_options_refuse(EX_refusal_UNKNOWN_KEY, key, value);
}

void ex_options_set_out(const char *dir)
{
	struct ex_buffer b;
	ex_buffer_init(&b, ex_options.out, sizeof(ex_options.out));
	ex_buffer_text(&b, dir);
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
	struct ex_buffer b;
	ex_buffer_init(&b, ex_options.all, sizeof(ex_options.all));
	ex_buffer_text(&b, "EXEUNT=out=");
	ex_put_value(&b, ex_options.out);
	ex_put_pair(&b, "follow", ex_options.follow ? "yes" : "no");
	ex_put_pair(&b, "signals", ex_options.signals ? "yes" : "no");
	ex_put_pair(&b, "probe", ex_options.probe ? "on" : "off");
	ex_put_pair_number(&b, "stack", ex_options.stack_bytes);
	ex_put_pair_number(&b, "limit", ex_options.limit_bytes);
	ex_options_put_profile(&b);
	ex_options_put_teardown(&b);
	ex_options_put_growth(&b);
	ex_options_put_sandbox(&b);
	ex_options_put_guard(&b);
	ex_options_put_watch(&b);
	ex_options_put_clone(&b);
}
