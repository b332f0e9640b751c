/*
 * options_guard.c: the settings of treatment guard.
 */
#include "expand.h"
#include "options.h"
#include "options_value.h"

/* 16 hexadecimal digits each, with commas */
static int parse_sites(const char *s)
{
	struct ex_options *o = &ex_options;
	for (o->guard_site_count = 0; o->guard_site_count < EX_GUARD_SITES_MAX;) {
		uint64_t id = 0;
		int digits = 0;
		for (; *s && *s != ','; s++, digits++) {
			char c = *s;
			int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
			if (digit < 0 || digits == 16)
				return 0;
			id = id << 4 | (uint64_t)digit;
		}
		if (!digits)
			return 0;
		o->guard_sites[o->guard_site_count++] = id;
		if (!*s++)
			return 1;
	}
	return 0;
}

static int parse(const char *s)
{
	struct ex_options *o = &ex_options;
	const char *end;
	if (ex_same(s, "slack"))
		return EX_guard_SLACK;
	if (ex_same(s, "ends"))
		return EX_guard_ENDS;
	if (ex_same(s, "starts"))
		return EX_guard_STARTS;
	if (ex_starts(s, "site:"))
		return parse_sites(s + 5) ? EX_guard_SITE : -1;
	if (!ex_starts(s, "sample:"))
		return *s ? -1 : EX_guard_OFF;
	o->guard_sample = ex_decimal(s + 7, &end);
	return o->guard_sample && end != s + 7 && !*end ? EX_guard_SAMPLE : -1;
}

int ex_options_set_guard(const char *key, const char *value)
{
	struct ex_options *o = &ex_options;
	if (ex_same(key, "guard")) {
		int guard = parse(value);
		if (guard < 0) {
			ex_options_refuse(EX_refusal_BAD_VALUE, key, value);
			return 1;
		}
		o->guard = guard;
		ex_set_text(o->guard_text, value);
	} else if (ex_same(key, "guard-side")) {
		static const char *const sides[] = {"end", "start"};
		int side = ex_value_word(value, sides, 2);
		if (side < 0)
			ex_options_refuse(EX_refusal_BAD_VALUE, key, value);
		else
			o->guard_starts = side;
	} else if (ex_same(key, "guard-frames")) {
		ex_set_size(&o->guard_frames, EX_GUARD_FRAMES_MAX, key, value);
	} else {
		return 0;
	}
	return 1;
}

void ex_options_put_guard(struct ex_buffer *b)
{
	const struct ex_options *o = &ex_options;
	if (o->guard)
		ex_put_pair(b, "guard", o->guard_text);
	if (o->guard_starts)
		ex_put_pair(b, "guard-side", "start");
	if (o->guard_frames != EX_GUARD_FRAMES)
		ex_put_pair_number(b, "guard-frames", o->guard_frames);
}
