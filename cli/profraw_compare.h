/*
 * profraw_compare.h: two raw profiles side by side.
 */
#ifndef EX_PROFRAW_COMPARE_H
#define EX_PROFRAW_COMPARE_H

#include "profraw.h"

/* of one binary: the same functions, of the same shape, in the same order, as far as both have them */
int ex_profraw_is_same_binary(const struct ex_profraw_profile *a, const struct ex_profraw_profile *b);

enum ex_profraw_repeat {
	EX_PROFRAW_ANOTHER_RUN,	  /* of another process, or another binary: their counts add up */
	EX_PROFRAW_PERHAPS_TWICE, /* all counts are at least as large, but every run of the binary has these addresses */
	EX_PROFRAW_SHARED, /* the same addresses, but smaller counts: a fork child, or counters that were reset */
	EX_PROFRAW_TWICE,  /* the same addresses, and no count is smaller: counted twice */
};
enum ex_profraw_repeat ex_profraw_repeat(const struct ex_profraw_profile *earlier,
					 const struct ex_profraw_profile *later);

struct ex_profraw_common {
	uint64_t both;	/* functions that are in both, by name and shape */
	uint64_t other; /* of the same name, but other code */
	uint64_t clash; /* of the same name and code, but another number of counters: llvm-profdata drops these */
};
struct ex_profraw_common ex_profraw_common(const struct ex_profraw_profile *a, const struct ex_profraw_profile *b);

#endif
