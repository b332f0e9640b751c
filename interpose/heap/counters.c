/*
 * counters.c: see counters.h.
 */
#include "counters.h"

#include "image.h"
#include "stream.h"
#include "thread.h"

#define VALUES (sizeof(struct ex_counters) / sizeof(uint64_t))

static struct ex_counters early;    /* before the image has started: goes to the first that counts */
static struct ex_counters overflow; /* of threads whose event could not be kept; the ledger says so */
static const uint64_t zeros[VALUES + 1];

static void take_early(struct ex_counters *c)
{
	uint64_t *from = (uint64_t *)&early, *to = (uint64_t *)c;
	for (size_t i = 0; i < VALUES; i++) {
		ex_arch_add(&to[i], from[i]);
		from[i] = 0;
	}
}

struct ex_counters *ex_counters_begin(void)
{
	static int is_first = 1;
	if (!ex_image.is_started)
		return &early;
	struct ex_counters *c = (struct ex_counters *)ex_put_counters(zeros, VALUES);
	if (c && is_first)
		take_early(c);
	is_first = 0;
	return ex_self.counters = c ? c : &overflow;
}
