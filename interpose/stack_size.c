/*
 * stack_size.c: see stack_size.h. Linux leaves 128 MiB below the main thread's stack whatever the limit was at exec, so the
 * limit can be raised from inside. Children inherit it, as they inherit the treatment.
 */
#include "stack_size.h"

#include "options.h"
#include "os/os.h"
#include "real.h"
#include "refuse.h"
#include "stream.h"
#include "text.h"

static void refuse(int why)
{
	char bytes[24];
	struct ex_buffer b;
	ex_buffer_init(&b, bytes, sizeof(bytes));
	ex_buffer_number(&b, ex_options.stack_size_bytes);
	ex_refuse(why, "stack-size", bytes);
}

void ex_stack_size_start(void)
{
	if (ex_options.stack_size_bytes && !ex_os_raise_stack_limit(ex_options.stack_size_bytes))
		refuse(EX_refusal_LIMITED);
}

/* glibc keeps the end of it, and says end minus size: 0 minus size where none was set */
static int is_programs_own(const void *attr)
{
	void *begin = NULL;
	size_t bytes = 0;
	return !ex_real.pthread_attr_getstack || ex_real.pthread_attr_getstack(attr, &begin, &bytes) ||
	       (uintptr_t)begin + bytes != 0;
}

const void *ex_stack_size_attr(const void *attr, pthread_attr_t *ours)
{
	size_t bytes = 0;
	if (!ex_options.stack_size_bytes || !ex_real.pthread_attr_init || !ex_real.pthread_attr_getstacksize ||
	    !ex_real.pthread_attr_setstacksize)
		return attr;
	if (attr && is_programs_own(attr)) {
		refuse(EX_refusal_OWN_STACK);
		return attr;
	}
	if (attr)
		memcpy(ours, attr, sizeof(*ours));
	else if (ex_real.pthread_attr_init(ours))
		return attr;
	if (ex_real.pthread_attr_getstacksize(ours, &bytes) || bytes >= ex_options.stack_size_bytes ||
	    ex_real.pthread_attr_setstacksize(ours, ex_options.stack_size_bytes))
		return attr;
	return ours;
}
