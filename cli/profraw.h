/*
 * profraw.h: whether a raw LLVM profile is whole. Reads bytes; says nothing about the counts in them.
 */
#ifndef EX_PROFRAW_H
#define EX_PROFRAW_H

#include <stddef.h>

enum ex_profraw {
	EX_PROFRAW_WHOLE,
	EX_PROFRAW_EMPTY,   /* no byte */
	EX_PROFRAW_CUT,	    /* ends inside a profile */
	EX_PROFRAW_FOREIGN, /* no raw profile of a 64-bit little-endian program */
	EX_PROFRAW_NEWER,   /* a version whose layout is not known here */
};

/* count: whole profiles, one after the other as the runtime appends them, up to the first that is not */
enum ex_profraw ex_profraw_check(const unsigned char *bytes, size_t length, unsigned *count);
/* the same for a file, and asks an llvm-profdata that can read this version, where there is one; its word counts */
enum ex_profraw ex_profraw_file(const char *path, unsigned *count);

#endif
