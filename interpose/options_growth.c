/*
 * options_growth.c: the settings of growth and of what may be done to it.
 */
#include "expand.h"
#include "options.h"
#include "options_value.h"

static const struct {
	const char *name;
	int error;
} errors[] = {{"ENOMEM", 12}, {"EAGAIN", 11}, {"EINVAL", 22}, {"EPERM", 1}};

/* a number of microseconds, 0 when it is none that is allowed */
static uint32_t microseconds(const char *s)
{
	const char *end;
	uint64_t us = ex_decimal(s, &end);
	return end == s || *end || us > EX_DELAY_MAX_US ? 0 : (uint32_t)us;
}

/* growth:USEC, before:HANDLER:USEC */
static int parse_delay(const char *s)
{
	struct ex_options *o = &ex_options;
	size_t colon = 0;
	o->delay_us = o->delay_handler_us = 0;
	if (ex_starts(s, "growth:")) {
		o->delay_us = microseconds(s + 7);
		return o->delay_us != 0;
	}
	if (!ex_starts(s, "before:"))
		return 0;
	s += 7;
	for (size_t i = 0; s[i]; i++)
		if (s[i] == ':')
			colon = i;
	struct ex_buffer b;
	ex_buffer_init(&b, o->delay_handler, sizeof(o->delay_handler));
	ex_buffer_bytes(&b, s, colon);
	if (colon && ex_value_spec(&o->delay_at, o->delay_handler))
		o->delay_handler_us = microseconds(s + colon + 1);
	return o->delay_handler_us != 0;
}

/* growth:ERRNO@N or growth:ERRNO@N+M */
static int parse_fail(const char *s)
{
	const char *end;
	uint64_t from, count = 1;
	int error = 0;
	if (!ex_starts(s, "growth:"))
		return 0;
	s += 7;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]) && !error; i++)
		if (ex_starts(s, errors[i].name) && s[ex_length(errors[i].name)] == '@') {
			error = errors[i].error;
			s += ex_length(errors[i].name) + 1;
		}
	from = ex_decimal(s, &end);
	if (!error || end == s || !from)
		return 0;
	if (*end == '+') {
		s = end + 1;
		count = ex_decimal(s, &end);
		if (end == s || !count)
			return 0;
	}
	if (*end)
		return 0;
	ex_options.fail_error = error;
	ex_options.fail_from = from;
	ex_options.fail_count = count;
	return 1;
}

/* one list of words for each set; only that of serialize is used */
#define ROW(set, NAME, value, text, doc) [value] = text,
#define SET(set, doc, ...) static const char *const texts_of_##set[] __attribute__((unused)) = {__VA_ARGS__};
#include "kinds.def"
#undef SET
#undef ROW

const char *ex_options_serialize(void)
{
	return texts_of_serialize[ex_options.serialize];
}

static int parse_serialize(const char *s)
{
	int i = ex_value_word(s, texts_of_serialize, sizeof(texts_of_serialize) / sizeof(texts_of_serialize[0]));
	if (i >= 0)
		ex_options.serialize = i;
	return i >= 0;
}

static int parse_word(int *value, const char *s, const char *off, const char *on)
{
	int is_on = ex_same(s, on);
	if (is_on || ex_same(s, off))
		*value = is_on;
	return is_on || ex_same(s, off);
}

static void keep(char *to, size_t size, const char *value)
{
	struct ex_buffer b;
	ex_buffer_init(&b, to, size);
	ex_buffer_text(&b, value);
}

int ex_options_set_growth(const char *key, const char *value)
{
	struct ex_options *o = &ex_options;
	int is_good = 1;
	if (ex_same(key, "growth"))
		ex_set_flag(&o->growth, key, value);
	else if (ex_same(key, "log"))
		is_good = parse_word(&o->log_counters, value, "off", "counters");
	else if (ex_same(key, "arenas"))
		ex_set_size(&o->arenas, EX_ARENAS_MAX, key, value);
	else if (ex_same(key, "grow-step"))
		ex_set_size(&o->grow_step_bytes, EX_GROW_STEP_MAX_BYTES, key, value);
	else if (ex_same(key, "serialize"))
		is_good = parse_serialize(value);
	else if (ex_same(key, "limits"))
		is_good = parse_word(&o->limits_raise, value, "keep", "raise");
	else if (ex_same(key, "seed"))
		ex_set_size(&o->seed, UINT64_MAX, key, value);
	else if (ex_same(key, "delay"))
		is_good = !*value || parse_delay(value);
	else if (ex_same(key, "fail"))
		is_good = !*value || parse_fail(value);
	else
		return 0;
	if (!is_good)
		ex_options_refuse(EX_refusal_BAD_VALUE, key, value);
	else if (ex_same(key, "delay"))
		keep(o->delay_text, sizeof(o->delay_text), value);
	else if (ex_same(key, "fail"))
		keep(o->fail_text, sizeof(o->fail_text), value);
	return 1;
}

void ex_options_put_growth(struct ex_buffer *b)
{
	const struct ex_options *o = &ex_options;
	if (!o->growth)
		ex_put_pair(b, "growth", "no");
	if (o->log_counters)
		ex_put_pair(b, "log", "counters");
	if (o->arenas)
		ex_put_pair_number(b, "arenas", o->arenas);
	if (o->grow_step_bytes)
		ex_put_pair_number(b, "grow-step", o->grow_step_bytes);
	if (o->serialize)
		ex_put_pair(b, "serialize", ex_options_serialize());
	if (*o->delay_text)
		ex_put_pair(b, "delay", o->delay_text);
	if (*o->fail_text)
		ex_put_pair(b, "fail", o->fail_text);
	if (o->limits_raise)
		ex_put_pair(b, "limits", "raise");
	if (o->seed)
		ex_put_pair_number(b, "seed", o->seed);
}
