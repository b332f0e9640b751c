/*
 * options_watch.c: the settings of watch and of address randomisation. exeunt run does both; here they are kept, so that the
 * trace says with what it was made.
 */
#include "expand.h"
#include "options.h"
#include "options_value.h"

int ex_options_set_watch(const char *key, const char *value)
{
	static const char *const ways[] = {"auto", "breakpoint", "steps"}, *const aslr[] = {"on", "off"};
	struct ex_options *o = &ex_options;
	if (ex_same(key, "watch")) {
		ex_set_text(o->watch_text, value);
		return 1;
	}
	int is_aslr = ex_same(key, "aslr"), word;
	if (!is_aslr && !ex_same(key, "watch-by"))
		return 0;
	word = is_aslr ? ex_value_word(value, aslr, 2) : ex_value_word(value, ways, 3);
	if (word < 0)
		ex_options_refuse(EX_refusal_BAD_VALUE, key, value);
	else if (is_aslr)
		o->aslr_off = word;
	else
		o->watch_by = word;
	return 1;
}

void ex_options_put_watch(struct ex_buffer *b)
{
	const struct ex_options *o = &ex_options;
	if (*o->watch_text)
		ex_put_pair(b, "watch", o->watch_text);
	if (o->watch_by)
		ex_put_pair(b, "watch-by", o->watch_by == 1 ? "breakpoint" : "steps");
	if (o->aslr_off)
		ex_put_pair(b, "aslr", "off");
}
