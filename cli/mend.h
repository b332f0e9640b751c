/*
 * mend.h: what mends a build whose parts were instrumented by different LLVMs. Which advice holds depends on how the flags
 * came to the C compiler: in cargo's builds that is the cc crate's doing, and differs between its versions.
 */
#ifndef EX_MEND_H
#define EX_MEND_H

#include "rules.h"

struct ex_build {
	const char *object; /* base name */
	const char *llvm;   /* of the profile runtime in it, "LLVM 19 to 22", "" */
	int is_rust;	    /* rustc made a part of it */
	const char *cc;	    /* version of the cc crate, as Cargo.lock has it; NULL: not known */
	const char *lock;   /* that file */
};

/* sentences with '\n' between. settings: those with which this build's profile can be had, "KEY=VALUE KEY=VALUE" */
const char *ex_mend_text(const struct ex_build *build, const char *settings);
/* the same, for an object that is looked at now: its .comment, the Cargo.lock beside its folder */
const char *ex_mend_advice(const struct ex_profile *profile, const char *settings);
/* of profile-lost: by what the process left. NULL: the table's advice */
const char *ex_mend_lost(const struct ex_candidate *candidate);
/* the version of package cc in a Cargo.lock, NULL */
const char *ex_mend_cc_version(const char *lock);

#endif
