/*
 * options_profile.c: the settings of LLVM profiles: when they are written, by whom, and what they record.
 */
#include "expand.h"
#include "options.h"
#include "options_value.h"

/* digits alone, 1 to max; 0 when it is no such number */
static uint32_t number(const char *s, uint32_t max)
{
	const char *end;
	uint64_t value = ex_decimal(s, &end);
	return end == s || *end || value > max ? 0 : (uint32_t)value;
}

/* 9 and 19 nobody can handle, 32 and 33 are libc's own */
static uint32_t signal_number(const char *s)
{
	uint32_t signo = number(s, EX_SIGNAL_MAX);
	return signo == 9 || signo == 19 || signo == 32 || signo == 33 ? 0 : signo;
}

static int set_flush(struct ex_options *o, const char *s)
{
	o->flush_point = -1;
	o->flush_signal = 0;
	o->flush_every_s = 0;
	if (!*s)
		return 1;
	if (ex_same(s, "main-end"))
		o->flush_point = EX_point_MAIN_END;
	else if (ex_same(s, "exit"))
		o->flush_point = EX_point_EXIT;
	else if (ex_starts(s, "before:") && ex_value_spec(&o->flush_at, s + 7))
		o->flush_point = EX_point_BEFORE;
	else if (ex_starts(s, "after:") && ex_value_spec(&o->flush_at, s + 6))
		o->flush_point = EX_point_AFTER;
	else if (ex_starts(s, "signal:") && (o->flush_signal = signal_number(s + 7)) != 0)
		o->flush_point = EX_point_SIGNAL;
	else if (ex_starts(s, "every:") && (o->flush_every_s = number(s + 6, EX_FLUSH_EVERY_MAX_S)) != 0)
		o->flush_point = EX_point_EVERY;
	return o->flush_point >= 0;
}

/* off,MODULE+0xOFFSET,... */
static int set_value_profile(struct ex_options *o)
{
	char *s = o->value_profile_text;
	o->value_profile_off = 0;
	o->returns_count = 0;
	if (!*s || ex_same(s, "on"))
		return 1;
	if (!ex_starts(s, "off") || (s[3] && s[3] != ','))
		return 0;
	o->value_profile_off = 1;
	for (s += 3; *s == ',';) {
		*s++ = 0; /* the one before ends here */
		struct ex_spec *spec = &o->returns[o->returns_count];
		char *end = s;
		while (*end && *end != ',')
			end++;
		int is_last = !*end;
		*end = 0;
		if (o->returns_count == EX_RETURNS_MAX || !ex_value_spec(spec, s) || !spec->module)
			return 0;
		o->returns_count++;
		if (is_last)
			break;
		*(s = end) = ',';
	}
	return 1;
}

int ex_options_set_profile(const char *key, const char *value)
{
	struct ex_options *o = &ex_options;
	int is_good = 1;
	if (ex_same(key, "flush")) {
		ex_set_text(o->flush_text, value);
		is_good = set_flush(o, o->flush_text);
		if (!is_good)
			ex_options_refuse(EX_refusal_NOT_YET, key, value);
		return 1;
	}
	if (ex_same(key, "salvage")) {
		ex_set_flag(&o->salvage, key, value);
	} else if (ex_same(key, "salvage-to")) {
		ex_set_text(o->salvage_to, value);
	} else if (ex_same(key, "value-profile")) {
		ex_set_text(o->value_profile_text, value);
		is_good = set_value_profile(o);
	} else {
		return 0;
	}
	if (!is_good)
		ex_options_refuse(EX_refusal_BAD_VALUE, key, value);
	return 1;
}

void ex_options_put_profile(struct ex_buffer *b)
{
	const struct ex_options *o = &ex_options;
	if (o->flush_point >= 0)
		ex_put_pair(b, "flush", o->flush_text);
	if (o->salvage)
		ex_put_pair(b, "salvage", "yes");
	if (*o->salvage_to)
		ex_put_pair(b, "salvage-to", o->salvage_to);
	if (!o->value_profile_off)
		return;
	struct ex_buffer value;
	char text[EX_OPTION_MAX_BYTES];
	ex_buffer_init(&value, text, sizeof(text));
	ex_buffer_text(&value, "off");
	for (int i = 0; i < o->returns_count; i++) { /* set_value_profile cut the text at its commas */
		ex_buffer_text(&value, ",");
		ex_buffer_text(&value, o->returns[i].module);
	}
	ex_put_pair(b, "value-profile", text);
}

int ex_options_salvages(void)
{
	return ex_options.salvage || ex_options.flush_point == EX_point_SIGNAL ||
	       ex_options.flush_point == EX_point_EVERY;
}
