/*
 * options_sandbox.c: the settings of sandboxes, and of what is recorded at a crash.
 */
#include "expand.h"
#include "options.h"
#include "options_value.h"

int ex_options_set_sandbox(const char *key, const char *value)
{
	static const char *const words[] = {"auto", "yes", "no"};
	struct ex_options *o = &ex_options;
	if (ex_same(key, "host-mappings")) {
		ex_set_size(&o->host_mappings, UINT32_MAX, key, value);
	} else if (ex_same(key, "ballast")) {
		ex_set_size(&o->ballast, EX_BALLAST_MAX, key, value);
	} else if (ex_same(key, "stack-size")) {
		ex_set_size(&o->stack_size_bytes, EX_STACK_SIZE_MAX_BYTES, key, value);
	} else if (ex_same(key, "rescue")) {
		ex_set_flag(&o->rescue, key, value);
	} else if (ex_same(key, "fix-si-code")) {
		ex_set_flag(&o->fix_si_code, key, value);
	} else if (ex_same(key, "crash-threads")) {
		int word = ex_value_word(value, words, 3);
		if (word < 0)
			ex_options_refuse(EX_refusal_BAD_VALUE, key, value);
		else
			o->crash_threads = word;
	} else {
		return 0;
	}
	return 1;
}

void ex_options_put_sandbox(struct ex_buffer *b)
{
	const struct ex_options *o = &ex_options;
	if (o->host_mappings != EX_HOST_MAPPINGS)
		ex_put_pair_number(b, "host-mappings", o->host_mappings);
	if (o->ballast)
		ex_put_pair_number(b, "ballast", o->ballast);
	if (o->stack_size_bytes)
		ex_put_pair_number(b, "stack-size", o->stack_size_bytes);
	if (o->rescue)
		ex_put_pair(b, "rescue", "yes");
	if (o->fix_si_code)
		ex_put_pair(b, "fix-si-code", "yes");
	if (o->crash_threads != EX_CRASH_THREADS_AUTO)
		ex_put_pair(b, "crash-threads", o->crash_threads == EX_CRASH_THREADS_YES ? "yes" : "no");
}
