/*
 * profile_names.h: function names as LLVM's section __llvm_prf_names has them, and a raw profile a copy of it: in blocks,
 * packed, one for each object file that was linked.
 */
#ifndef EX_PROFILE_NAMES_H
#define EX_PROFILE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define EX_PROFILE_NAMES_SEPARATOR 1

/* of one block: its names with that byte between, NUL behind. text is gone afterwards */
typedef void (*ex_profile_names_each)(void *arg, const char *text, size_t length);

/* calls back, unless each is NULL, for each block up to the first damaged one. 0, or -1 when there is one: llvm-profdata
 * refuses the same */
int ex_profile_names_blocks(const unsigned char *bytes, size_t length, ex_profile_names_each each, void *arg);

#endif
