/*
 * options_clone.c: the settings of stopped copies of the process: where they are made, how many, for how long.
 */
#include "expand.h"
#include "options.h"
#include "options_value.h"

/* a number from 1 that the text ends with, 0 */
static uint64_t number(const char *s)
{
	const char *end;
	uint64_t value = ex_decimal(s, &end);
	return end == s || *end ? 0 : value;
}

/* what follows a word and, where there is more, a colon; NULL when it is another word */
static const char *after(const char *s, const char *word)
{
	size_t n = ex_length(word);
	if (!ex_starts(s, word) || (s[n] && s[n] != ':'))
		return NULL;
	return s + n + (s[n] == ':');
}

/* growth, map-exec, unmap-exec, each with :N or without */
static int counted(struct ex_options *o, const char *s)
{
	static const struct {
		const char *word;
		int point;
	} words[] = {{"growth", EX_point_GROWTH}, {"map-exec", EX_point_MAP_EXEC}, {"unmap-exec", EX_point_UNMAP_EXEC}};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *rest = after(s, words[i].word);
		if (!rest)
			continue;
		o->clone_n = number(rest);
		return s[ex_length(words[i].word)] && !o->clone_n ? -1 : words[i].point;
	}
	return -1;
}

/* MODULE+0xOFFSET or MODULE+0xOFFSET:N. A symbol is looked up by the launcher, which reads files */
static int call(struct ex_options *o, const char *s)
{
	ex_set_text(o->clone_name, s);
	char *colon = NULL;
	for (char *at = o->clone_name; *at; at++)
		if (*at == ':')
			colon = at;
	if (colon && number(colon + 1)) {
		o->clone_n = number(colon + 1);
		*colon = 0;
	}
	return ex_value_spec(&o->clone_spec, o->clone_name) && o->clone_spec.module ? EX_point_CALL : -1;
}

static int point_of(struct ex_options *o, const char *s)
{
	if (ex_same(s, "exit"))
		return EX_point_EXIT;
	if (ex_same(s, "main-end"))
		return EX_point_MAIN_END;
	if (ex_starts(s, "before:")) {
		ex_set_text(o->clone_name, s + 7);
		return ex_value_spec(&o->clone_spec, o->clone_name) ? EX_point_BEFORE : -1;
	}
	if (ex_starts(s, "call:"))
		return call(o, s + 5);
	if (ex_starts(s, "every:")) {
		uint64_t seconds = number(s + 6);
		o->clone_every_s = seconds > EX_FLUSH_EVERY_MAX_S ? 0 : (uint32_t)seconds;
		return o->clone_every_s ? EX_point_EVERY : -1;
	}
	return counted(o, s);
}

static void set_point(struct ex_options *o, const char *value)
{
	o->clone_point = -1;
	o->clone_n = 0;
	o->clone_every_s = 0;
	ex_set_text(o->clone_text, value);
	if (!*value)
		return;
	o->clone_point = point_of(o, value);
	if (o->clone_point < 0)
		ex_options_refuse(EX_refusal_NOT_YET, "clone-at", value);
}

int ex_options_set_clone(const char *key, const char *value)
{
	struct ex_options *o = &ex_options;
	if (ex_same(key, "clone-at")) {
		set_point(o, value);
	} else if (ex_same(key, "clones")) {
		ex_set_size(&o->clones, EX_CLONES_MAX, key, value);
		if (!o->clones)
			o->clones = 1;
	} else if (ex_same(key, "clone-life")) {
		ex_set_size(&o->clone_life_s, EX_CLONE_LIFE_MAX_S, key, value);
	} else {
		return 0;
	}
	return 1;
}

void ex_options_put_clone(struct ex_buffer *b)
{
	const struct ex_options *o = &ex_options;
	if (o->clone_point < 0)
		return;
	ex_put_pair(b, "clone-at", o->clone_text);
	ex_put_pair_number(b, "clones", o->clones);
	ex_put_pair_number(b, "clone-life", o->clone_life_s);
}
