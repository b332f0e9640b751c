/*
 * mend.c: see mend.h. The numbers are those of cc-rs: 1.2.2 began to hand -Cprofile-generate on (pull request 1279), 1.2.9
 * does so for clang only (1363), 1.2.16 puts CFLAGS behind what it hands on (1403), 1.8.0 hands nothing on (2003). Each piece
 * of advice was tried on a build with such a version.
 */
#include "mend.h"

#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLAGS "CFLAGS=-fno-profile-generate CXXFLAGS=-fno-profile-generate"
#define SCRIPT "exec clang \"$@\" -fno-profile-generate"

#define CC(major, minor, patch) (((major)*1000u + (minor)) * 1000u + (patch))
#define CC_HANDS_ON CC(1, 2, 2)
#define CC_CLANG_ONLY CC(1, 2, 9)
#define CC_FLAGS_WIN CC(1, 2, 16)
#define CC_STOPPED CC(1, 8, 0)

static unsigned number_of(const char *version)
{
	unsigned major, minor, patch;
	if (!version || sscanf(version, "%u.%u.%u", &major, &minor, &patch) != 3 || minor > 999 || patch > 999)
		return 0;
	return CC(major, minor, patch);
}

static const char *other_compiler(const struct ex_build *build, int gcc_is_spared)
{
	const char *clang = ex_format("CC=a clang of %s, whose records this runtime reads",
				      *build->llvm ? build->llvm : "the runtime's LLVM");
	return gcc_is_spared ? ex_format("CC=gcc, or %s", clang) : clang;
}

static const char *for_cargo(const struct ex_build *build)
{
	unsigned cc = number_of(build->cc);
	const char *whose = build->cc ? ex_format("the cc crate %s of this build (%s)", build->cc, build->lock) : NULL;
	const char *other = other_compiler(build, cc >= CC_CLANG_ONLY);
	if (!cc)
		return ex_format(
			"leave the C parts uninstrumented: the cc crate hands -Cprofile-generate on to clang. How to "
			"stop "
			"it depends on its version, which the build's Cargo.lock tells:\n"
			"cc 1.2.2 to 1.2.15: CFLAGS does not help; set CC to a script that puts the flag last "
			"(" SCRIPT "), or: cargo update -p cc --precise 1.2.16\n"
			"cc 1.2.16 to 1.7: build with " FLAGS "\n"
			"any cc: build with %s; CC=gcc too from cc 1.2.9 on; cc 1.8.0 and later hand nothing on",
			other);
	if (cc < CC_HANDS_ON || cc >= CC_STOPPED)
		return ex_format(
			"leave the C parts uninstrumented: take -fprofile-generate out of CFLAGS, CXXFLAGS and "
			"the build scripts; %s does not hand it on\n"
			"or build with %s",
			whose, other);
	if (cc < CC_FLAGS_WIN)
		return ex_format(
			"leave the C parts uninstrumented: %s hands -Cprofile-generate on to the C compiler, behind "
			"CFLAGS, so that CFLAGS=-fno-profile-generate does not help: set CC to a script that puts it "
			"last (" SCRIPT ")\n"
			"or: cargo update -p cc --precise 1.2.16, and build with " FLAGS "\n"
			"or build with %s\n"
			"or take cc 1.8.0 or later, which hands nothing on",
			whose, other);
	return ex_format("leave the C parts uninstrumented: build with " FLAGS
			 "; %s hands -Cprofile-generate on to the C "
			 "compiler, and puts these behind it\n"
			 "or build with %s\n"
			 "or take cc 1.8.0 or later, which hands nothing on",
			 whose, other);
}

const char *ex_mend_text(const struct ex_build *build, const char *settings)
{
	const char *build_text =
		build->is_rust || build->cc
			? for_cargo(build)
			: ex_format("compile all parts of %s, and link them, with one LLVM%s\n"
				    "or instrument only those of one: -fno-profile-generate and "
				    "-fno-profile-instr-generate, "
				    "as the last flags, spare the others",
				    build->object,
				    *build->llvm ? ex_format(": the profile runtime in it is of %s", build->llvm) : "");
	const char *command = "exeunt run";
	for (const char *at = settings; *at;) {
		size_t length = strcspn(at, " ");
		command = ex_format("%s -s %.*s", command, (int)length, at);
		at += length + strspn(at + length, " ");
	}
	return ex_format("%s\n"
			 "or keep the build and collect the profile as it is: %s -- CMD",
			 build_text, command);
}
