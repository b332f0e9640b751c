/*
 * profile_code.h: what LLVM's profile runtime inside an object says of itself, symbols or not. Freestanding; both sides.
 */
#ifndef EX_PROFILE_CODE_H
#define EX_PROFILE_CODE_H

#include <stdint.h>

/* a loaded segment: front-end instrumentation leaves the version in a writable one */
struct ex_profile_segment {
	const unsigned char *bytes;
	uint64_t at, count; /* address, length in bytes */
	int is_code;
};

struct ex_profile_runtime {
	unsigned version; /* that it was built for; 0: no runtime was found */
	uint64_t
		raw_version; /* value of __llvm_profile_raw_version that its check reads; 0: not found in the segments */
	uint64_t
		raw_version_at; /* where that value lies, when it is another object's (a shared object by LLVM 14); else 0 */
	uint64_t code_at;	/* of that check; the runtime's functions lie together, within some tens of KiB */
	const char *name;	/* of the file that it writes, as it was built in, NUL-terminated; NULL: not found */
};

/* 1, or 0 when no runtime is in there, or the processor is another than x86-64 */
int ex_profile_runtime(struct ex_profile_runtime *runtime, const struct ex_profile_segment *segments, int count);

#endif
