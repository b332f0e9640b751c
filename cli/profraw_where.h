/*
 * profraw_where.h: folders and names under which the programs of a command would leave their raw profiles, when nothing tells
 * them another: the runtime's own name, names that programs and libraries were built with, assignments in the command.
 */
#ifndef EX_PROFRAW_WHERE_H
#define EX_PROFRAW_WHERE_H

#include "process.h"

#define EX_PROFRAW_WHERE_MAX 32

struct ex_profraw_where {
	struct ex_profraw_pattern {
		const char *dir, *glob;
		int is_pool; /* %m: whose files the runtime merges into */
	} patterns[EX_PROFRAW_WHERE_MAX];
	unsigned count;
	int is_blind; /* a program has a place that cannot be watched */
};

/* a name as the runtime takes it, of that length, relative to cwd */
void ex_profraw_where_add(struct ex_profraw_where *where, const char *cwd, const char *name, size_t length);
/* what the words of the command name, in our working directory; and, is_unset: LLVM_PROFILE_FILE is, what its programs and
 * the libraries that they need were built with */
void ex_profraw_where_command(struct ex_profraw_where *where, char *const *argv, int is_unset);
/* what the objects of a run had */
void ex_profraw_where_processes(struct ex_profraw_where *where, const struct ex_processes *processes);

#endif
