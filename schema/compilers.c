/*
 * compilers.c: see compilers.h. Must never read behind the text.
 */
#include "compilers.h"

static const struct {
	const char *mark;
	size_t length;
} named[] = {
#define NAMED(mark) {mark, sizeof(mark) - 1},
#define RUSTC(first_minor, llvm)
#include "compilers.def"
#undef NAMED
#undef RUSTC
};

static const struct {
	unsigned first_minor, llvm;
} rustc[] = {
#define NAMED(mark)
#define RUSTC(first_minor, llvm) {first_minor, llvm},
#include "compilers.def"
#undef NAMED
#undef RUSTC
};

#define RUSTC_MARK "rustc version 1."
#define APPLE_MARK "Apple "
#define NIGHTLY "-nightly"

/* where the text goes on behind the mark, length: it has none */
static size_t behind(const char *text, size_t length, const char *mark, size_t mark_length)
{
	for (size_t i = 0; i + mark_length <= length; i++)
		if (!__builtin_memcmp(text + i, mark, mark_length))
			return i + mark_length;
	return length;
}

/* 0: no digit is there */
static unsigned number(const char *text, size_t length)
{
	unsigned value = 0;
	for (size_t i = 0; i < length && i < 4 && text[i] >= '0' && text[i] <= '9'; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	return value;
}

unsigned ex_compiler_llvm(const char *text, size_t length)
{
	size_t at = behind(text, length, RUSTC_MARK, sizeof(RUSTC_MARK) - 1);
	unsigned minor = number(text + at, length - at), llvm = 0;
	int is_nightly = behind(text, length, NIGHTLY, sizeof(NIGHTLY) - 1) < length;
	for (size_t i = 0; i < sizeof(rustc) / sizeof(*rustc) && rustc[i].first_minor <= minor; i++)
		llvm = is_nightly && rustc[i].first_minor == minor ? 0 : rustc[i].llvm;
	if (minor || behind(text, length, APPLE_MARK, sizeof(APPLE_MARK) - 1) < length)
		return llvm;
	for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++) {
		at = behind(text, length, named[i].mark, named[i].length);
		if (at < length)
			return number(text + at, length - at);
	}
	return 0;
}
