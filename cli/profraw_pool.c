/*
 * profraw_pool.c: see profraw_pool.h. All refusals were tried with the runtimes of LLVM 14, 19 and 22, a file cut at every 8
 * bytes.
 */
#include "profraw_pool.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MOST (1ull << 24) /* value nodes of a program: in the number, but not in the file */

/* is that the number of the profile? All of it is in the file but for the count of its value nodes, times 1024 */
static int is_number_of(uint64_t number, const struct ex_profraw_profile *p)
{
	if (!p->layout || ex_profraw_there(p, EX_PROFRAW_RECORDS) < 8)
		return 0;
	uint64_t first = ex_profile_u64(p->bytes + p->at[EX_PROFRAW_RECORDS]);
	uint64_t rest = number - (p->size[EX_PROFRAW_NAMES] << 40) - (p->counters << 30) - (p->records << 20) - first -
			p->version - ex_profile_u64(p->bytes);
	/* their number is a length divided by 24, as compilers divide what is known to be a multiple: times the inverse of 3.
	 * Where it is none, because another LLVM's nodes are among them, the product tells it all the same */
	return rest % 1024 == 0 && (rest / 1024 * 3 & ((1ull << 54) - 1)) <= 3 * NODES_MOST;
}

enum ex_profraw_pool ex_profraw_pool(const char *path, const struct ex_profraw_file *file)
{
	enum ex_profraw_pool pool = EX_PROFRAW_POOL_NONE;
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	for (const char *at = name; *at; at++) {
		char *end;
		if (!isdigit((unsigned char)*at) || (at > name && isdigit((unsigned char)at[-1])))
			continue;
		uint64_t number = strtoull(at, &end, 10);
		if (*end != '_' || !isdigit((unsigned char)end[1]))
			continue;
		/* a shorter one is as likely a date; of the runtime's own one in a million is shorter */
		if (end - at >= 13)
			pool = EX_PROFRAW_POOL_NAMED;
		if (file->count && is_number_of(number, &file->profiles[0]))
			return EX_PROFRAW_POOL_OWN;
	}
	return pool;
}

const char *ex_profraw_refusal(const struct ex_profraw_file *file)
{
	const struct ex_profraw_profile *p = file->count ? &file->profiles[0] : NULL;
	if (file->what == EX_PROFRAW_EMPTY)
		return NULL; /* taken for one that it has just made */
	unsigned head = 8 * (p && p->layout ? p->layout : ex_raw_version(8))->words;
	if (file->length < head)
		return "Unable to merge profile data: source profile file is too small";
	if (!p || !p->layout)
		return "Unable to merge profile data: source profile file is not compatible";
	if (p->what == EX_PROFRAW_CUT && p->part != EX_PROFRAW_VALUES)
		return "Unable to merge profile data: source profile file is not compatible";
	/* it looks only whether each function's values begin before the file's end, so of the last a beginning is enough */
	if (p->what == EX_PROFRAW_CUT && !p->misfits && p->with_values_read + 1 == p->with_values &&
	    p->length > p->at[EX_PROFRAW_VALUES] + p->size[EX_PROFRAW_VALUES])
		return NULL;
	return p->what == EX_PROFRAW_WHOLE ? NULL : "Invalid profile data to merge";
}
