/*
 * t_mend.c: the advice that holds for a build, by the version of its cc crate; and treatments of several settings.
 */
#include "arms.h"
#include "mend.h"
#include "meta.h"

#include "check.h"

#include <stdlib.h>
#include <unistd.h>

static const char *advice(const char *cc)
{
	const struct ex_build build = {.object = "app",
				       .llvm = "LLVM 19 to 22",
				       .is_rust = 1,
				       .cc = cc,
				       .lock = "/x/Cargo.lock"};
	return ex_mend_text(&build, "salvage=yes");
}

static int has(const char *text, const char *words)
{
	return strstr(text, words) != NULL;
}

static void check_versions(void)
{
	static const char *const ignores[] = {"1.2.2", "1.2.8", "1.2.9", "1.2.15"};
	static const char *const heeds[] = {"1.2.16", "1.3.0", "1.7.0"};
	static const char *const hands_nothing_on[] = {"1.0.100", "1.1.7", "1.2.1", "1.8.0", "1.10.0", "2.0.0"};
	for (int i = 0; i < 4; i++) {
		const char *text = advice(ignores[i]);
		CHECK(has(text, "CFLAGS=-fno-profile-generate does not help") &&
		      has(text, "\"$@\" -fno-profile-generate"));
		CHECK(has(text, "cargo update -p cc --precise 1.2.16") && has(text, ignores[i]));
		/* up to 1.2.8 gcc gets the flag as well, and knows it */
		CHECK(has(text, "CC=gcc") == (i >= 2));
	}
	for (int i = 0; i < 3; i++) {
		const char *text = advice(heeds[i]);
		CHECK(has(text, "build with CFLAGS=-fno-profile-generate") && !has(text, "does not help"));
		CHECK(!has(text, "--precise") && has(text, "1.8.0 or later") && has(text, "CC=gcc"));
	}
	for (int i = 0; i < 6; i++) {
		const char *text = advice(hands_nothing_on[i]);
		CHECK(has(text, "does not hand it on") && !has(text, "--precise") && !has(text, "does not help"));
	}
	CHECK(has(advice(NULL), "1.2.2 to 1.2.15") && has(advice(NULL), "1.2.16 to 1.7"));
	CHECK(!strcmp(advice("new"), advice(NULL)));
	CHECK(has(advice("1.2.15"), "a clang of LLVM 19 to 22"));
	CHECK(has(advice(NULL),
		  "\nor keep the build and collect the profile as it is: exeunt run -s salvage=yes -- CMD"));
}

static void check_without_cargo(void)
{
	struct ex_build build = {.object = "app", .llvm = "LLVM 14 to 17"};
	const char *text = ex_mend_text(&build, "value-profile=off,app+0x10 salvage=yes");
	CHECK(has(text, "with one LLVM: the profile runtime in it is of LLVM 14 to 17") && !has(text, "cargo"));
	CHECK(has(text, "exeunt run -s value-profile=off,app+0x10 -s salvage=yes -- CMD"));
	build.cc = "1.7.0"; /* beside a Cargo.lock that names it */
	build.lock = "/x/Cargo.lock";
	CHECK(has(ex_mend_text(&build, "salvage=yes"), "1.7.0 of this build (/x/Cargo.lock)"));
}

static const char *version_in(const char *text)
{
	char path[] = "/tmp/t_mend.XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	if (!file)
		return NULL;
	fputs(text, file);
	fclose(file);
	const char *version = ex_mend_cc_version(path);
	unlink(path);
	return version;
}

static void check_lock(void)
{
	const char *version =
		version_in("version = 3\n\n[[package]]\nname = \"ccc\"\nversion = \"9.9.9\"\n\n[[package]]\n"
			   "name = \"cc\"\nversion = \"1.2.15\"\nsource = \"x\"\n");
	CHECK(version && !strcmp(version, "1.2.15"));
	CHECK(!version_in("[[package]]\nname = \"ccc\"\nversion = \"9.9.9\"\ndependencies = [\n \"cc\",\n]\n"));
	CHECK(!version_in("[[package]]\nname = \"cc\"\n\n[[package]]\nname = \"x\"\nversion = \"9.9.9\"\n"));
	CHECK(!version_in("") && !version_in("\0") && !version_in("name = \"cc\""));
	CHECK(!ex_mend_cc_version("/nonexistent/Cargo.lock"));
}

static int next_is(const char **treatment, const char *key, const char *value)
{
	int option;
	const char *got;
	*treatment = ex_treatment_next(*treatment, &option, &got);
	return *treatment && !strcmp(ex_options[option].name, key) && !strcmp(got, value);
}

static void check_treatment(void)
{
	const char *t = "value-profile=off,my lib.so+0x10 salvage=yes";
	CHECK(next_is(&t, "value-profile", "off,my lib.so+0x10"));
	CHECK(next_is(&t, "salvage", "yes"));
	CHECK(!next_is(&t, "", "") && !t);
	t = "flush=before:a=b+0x1";
	CHECK(next_is(&t, "flush", "before:a=b+0x1") && !*t);
	t = "";
	CHECK(!next_is(&t, "", ""));
}

int main(void)
{
	check_versions();
	check_without_cargo();
	check_lock();
	check_treatment();
	CHECK_DONE();
}
