/*
 * profraw_pool.h: files that are merged into (%m). The runtime names them by a number that it makes out of the
 * program's profile sections, and the file's place in the pool: default_5325959997000426782_0.profraw.
 */
#ifndef EX_PROFRAW_POOL_H
#define EX_PROFRAW_POOL_H

#include "profraw.h"

enum ex_profraw_pool {
	EX_PROFRAW_POOL_NONE,
	EX_PROFRAW_POOL_NAMED, /* named like one of a pool, but its content does not show the same number */
	EX_PROFRAW_POOL_OWN,   /* by the number of the very binary that wrote it */
};
enum ex_profraw_pool ex_profraw_pool(const char *path, const struct ex_profraw_file *file);

/* what the runtime of the binary that wrote it prints when it is to merge into this file: then it writes nothing and leaves
 * the file as it is, and never gets as far as to crash over its own records. NULL: it merges */
const char *ex_profraw_refusal(const struct ex_profraw_file *file);

#endif
