/*
 * profraw_compare.c: see profraw_compare.h. A raw profile has an address of its process in its header, that of the names. Where
 * programs are loaded at random addresses it says whether two profiles are of one process, or of one and its fork child.
 */
#include "profraw_compare.h"

#include <stdlib.h>
#include <string.h>

/* where things lie in all processes: programs that cannot be moved, and both places of a process that was not randomized */
#define FIXED_BELOW 0x100000000ull
#define FIXED_PROGRAM 0x5555555ull /* upper bits of 0x555555554000 */
#define FIXED_LIBRARY 0x7ffff7ull  /* upper bits of 0x7ffff7ff0000 */

static uint64_t records_there(const struct ex_profraw_profile *p)
{
	return p->layout ? ex_profraw_there(p, EX_PROFRAW_RECORDS) / p->layout->record_bytes : 0;
}

static int is_same_function(const struct ex_profraw_record *a, const struct ex_profraw_record *b)
{
	return a->name_ref == b->name_ref && a->func_hash == b->func_hash && a->count == b->count;
}

int ex_profraw_is_same_binary(const struct ex_profraw_profile *a, const struct ex_profraw_profile *b)
{
	uint64_t in_a = records_there(a), in_b = records_there(b);
	if (!a->layout || !b->layout || a->version != b->version || a->records != b->records ||
	    a->counters != b->counters || a->size[EX_PROFRAW_NAMES] != b->size[EX_PROFRAW_NAMES])
		return 0;
	for (uint64_t n = 0; n < in_a && n < in_b; n++) {
		struct ex_profraw_record x = ex_profraw_record(a, n), y = ex_profraw_record(b, n);
		if (!is_same_function(&x, &y))
			return 0;
	}
	return 1;
}

static int has_fixed_addresses(const struct ex_profraw_profile *p)
{
	return p->names_delta < FIXED_BELOW || p->names_delta >> 20 == FIXED_PROGRAM ||
	       p->names_delta >> 24 == FIXED_LIBRARY;
}

/* no counter of it is smaller */
static int contains(const struct ex_profraw_profile *later, const struct ex_profraw_profile *earlier)
{
	const unsigned char *x = earlier->bytes + earlier->at[EX_PROFRAW_COUNTERS];
	const unsigned char *y = later->bytes + later->at[EX_PROFRAW_COUNTERS];
	uint64_t size = earlier->size[EX_PROFRAW_COUNTERS];
	if (ex_profraw_there(earlier, EX_PROFRAW_COUNTERS) != size ||
	    ex_profraw_there(later, EX_PROFRAW_COUNTERS) != size)
		return 0;
	for (uint64_t at = 0; at < size; at += earlier->counter_bytes) {
		/* a byte of coverage goes from 255 to 0 */
		int is_smaller =
			earlier->counter_bytes == 1 ? y[at] && !x[at] : ex_profile_u64(y + at) < ex_profile_u64(x + at);
		if (is_smaller)
			return 0;
	}
	return earlier->nonzero != 0;
}

enum ex_profraw_repeat ex_profraw_repeat(const struct ex_profraw_profile *earlier,
					 const struct ex_profraw_profile *later)
{
	if (!ex_profraw_is_same_binary(earlier, later) || earlier->names_delta != later->names_delta)
		return EX_PROFRAW_ANOTHER_RUN;
	int is_contained = contains(later, earlier);
	if (has_fixed_addresses(later))
		return is_contained ? EX_PROFRAW_PERHAPS_TWICE : EX_PROFRAW_ANOTHER_RUN;
	return is_contained ? EX_PROFRAW_TWICE : EX_PROFRAW_SHARED;
}

static int by_name(const void *a, const void *b)
{
	const struct ex_profraw_record *x = a, *y = b;
	if (x->name_ref != y->name_ref)
		return x->name_ref < y->name_ref ? -1 : 1;
	return (x->func_hash > y->func_hash) - (x->func_hash < y->func_hash);
}

static struct ex_profraw_record *sorted(const struct ex_profraw_profile *p, uint64_t count)
{
	struct ex_profraw_record *records = calloc(count + 1, sizeof(*records));
	if (!records)
		abort();
	for (uint64_t n = 0; n < count; n++)
		records[n] = ex_profraw_record(p, n);
	qsort(records, count, sizeof(*records), by_name);
	return records;
}

struct ex_profraw_common ex_profraw_common(const struct ex_profraw_profile *a, const struct ex_profraw_profile *b)
{
	struct ex_profraw_common common = {0, 0, 0};
	uint64_t in_a = records_there(a), in_b = records_there(b);
	struct ex_profraw_record *x = sorted(a, in_a), *y = sorted(b, in_b);
	for (uint64_t i = 0, k = 0; i < in_a && k < in_b;) {
		int order = by_name(&x[i], &y[k]);
		common.both += order == 0 && x[i].count == y[k].count;
		common.clash += order == 0 && x[i].count != y[k].count;
		common.other += order != 0 && x[i].name_ref == y[k].name_ref;
		i += order <= 0;
		k += order >= 0;
	}
	free(x);
	free(y);
	return common;
}
