/*
 * options_teardown.c: the settings that name exit handlers, and those of what is done when exit begins.
 */
#include "expand.h"
#include "options.h"
#include "options_value.h"

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

static struct list {
	const char *key;
	char *text;
	struct ex_spec *specs;
	int *count, max;
} lists[] = {
	{"skip", ex_options.skip_text, ex_options.skip, &ex_options.skip_count, EX_SKIP_MAX},
	{"defer", ex_options.defer_text, ex_options.defer, &ex_options.defer_count, EX_SKIP_MAX},
	{"first", ex_options.first_text, ex_options.first, &ex_options.first_count, EX_SKIP_MAX},
	{"enter", ex_options.enter_text, ex_options.enter, &ex_options.enter_count, EX_ENTER_MAX},
};

#define LISTS (sizeof(lists) / sizeof(lists[0]))

/* a row of the timeline is not known before its handler's turn, and an entry is a place in code */
static int is_allowed(const struct list *list, const struct ex_spec *spec)
{
	if (list->specs == ex_options.first)
		return !spec->row;
	return list->specs != ex_options.enter || spec->module;
}

static void set_list(const struct list *list, const char *value)
{
	ex_set_text(list->text, value);
	*list->count = 0;
	for (char *s = list->text; s && *s;) {
		char *next = split(s);
		struct ex_spec *spec = &list->specs[*list->count];
		if (*list->count == list->max || !ex_value_spec(spec, s))
			ex_options_refuse(EX_refusal_BAD_VALUE, list->key, s);
		else if (!is_allowed(list, spec))
			ex_options_refuse(EX_refusal_NOT_YET, list->key, s);
		else
			++*list->count;
		s = next;
	}
}

static void put_list(struct ex_buffer *b, const struct list *list)
{
	struct ex_buffer value;
	char text[EX_OPTION_MAX_BYTES];
	ex_buffer_init(&value, text, sizeof(text));
	for (int i = 0; i < *list->count; i++) { /* set_list cut the text at its commas */
		const struct ex_spec *s = &list->specs[i];
		if (i)
			ex_buffer_text(&value, ",");
		if (s->row) {
			ex_buffer_text(&value, "#");
			ex_buffer_number(&value, s->row);
		} else {
			ex_buffer_text(&value, s->module ? s->module : s->symbol);
		}
	}
	if (*list->count)
		ex_put_pair(b, list->key, text);
}

int ex_options_set_teardown(const char *key, const char *value)
{
	static const char *const keeps[] = {"off", "exit", "modules", "exec", "always"}, *const frees[] = {"all",
													   "own"};
	struct ex_options *o = &ex_options;
	int word = 0;
	for (size_t i = 0; i < LISTS; i++)
		if (ex_same(key, lists[i].key)) {
			set_list(&lists[i], value);
			return 1;
		}
	if (ex_same(key, "park-threads")) {
		ex_set_flag(&o->park_threads, key, value);
	} else if (ex_same(key, "fast-exit")) {
		ex_set_flag(&o->fast_exit, key, value);
	} else if (ex_same(key, "keep")) {
		word = ex_value_word(value, keeps, 5);
		if (word >= 0) {
			o->keep_exit = word == 1;
			o->keep_modules = word == 2;
			o->keep_code = word == 3;
			o->keep_always = word == 4;
		}
	} else if (ex_same(key, "keep-limit")) {
		ex_set_size(&o->keep_limit_bytes, UINT64_MAX, key, value);
	} else if (ex_same(key, "scribble")) {
		ex_set_flag(&o->scribble, key, value);
	} else if (ex_same(key, "free")) {
		word = ex_value_word(value, frees, 2);
		if (word >= 0)
			o->free_own = word;
	} else {
		return 0;
	}
	if (word < 0)
		ex_options_refuse(EX_refusal_BAD_VALUE, key, value);
	return 1;
}

static void put_keep(struct ex_buffer *b)
{
	const struct ex_options *o = &ex_options;
	const char *word = o->keep_exit	     ? "exit"
			   : o->keep_modules ? "modules"
			   : o->keep_code    ? "exec"
			   : o->keep_always  ? "always"
					     : NULL;
	if (word)
		ex_put_pair(b, "keep", word);
	if (o->keep_limit_bytes != EX_KEEP_LIMIT_BYTES)
		ex_put_pair_number(b, "keep-limit", o->keep_limit_bytes);
}

void ex_options_put_teardown(struct ex_buffer *b)
{
	const struct ex_options *o = &ex_options;
	for (size_t i = 0; i < LISTS; i++)
		put_list(b, &lists[i]);
	put_keep(b);
	if (o->free_own)
		ex_put_pair(b, "free", "own");
	if (o->scribble)
		ex_put_pair(b, "scribble", "yes");
	if (o->park_threads)
		ex_put_pair(b, "park-threads", "yes");
	if (o->fast_exit)
		ex_put_pair(b, "fast-exit", "yes");
}
