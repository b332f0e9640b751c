/*
 * profile_names.h: function names as LLVM's section __llvm_prf_names has them, and a raw profile a copy of it: packed.
 * A profile record has only the half of a name's MD5.
 */
#ifndef EX_PROFILE_NAMES_H
#define EX_PROFILE_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct ex_profile_names {
	struct ex_profile_name {
		uint64_t ref; /* NameRef of its record */
		const char *text;
	} * names; /* by ref */
	size_t count;
};

/* 0, or -1 when the bytes are no such names; then those before the damage are there all the same. Lives on */
int ex_profile_names_read(struct ex_profile_names *names, const unsigned char *bytes, size_t length);
/* the same, keeping nothing */
int ex_profile_names_check(const unsigned char *bytes, size_t length);
/* NULL */
const char *ex_profile_name(const struct ex_profile_names *names, uint64_t ref);

#endif
