/*
 * tap.h: a test program that speaks TAP. OK(truth, "what is expected", ...) is one test; tap_done() ends main.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_run, tap_failed;

__attribute__((format(printf, 4, 5), unused)) static int tap_ok(int truth, const char *file, int line,
								const char *format, ...)
{
	va_list args;
	printf("%sok %d - ", truth ? "" : "not ", ++tap_run);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	if (!truth) {
		printf("# at %s:%d\n", file, line);
		tap_failed++;
	}
	fflush(stdout);
	return truth;
}

#define OK(truth, ...) tap_ok(!!(truth), __FILE__, __LINE__, __VA_ARGS__)
#define IS_TEXT(got, wanted, ...)                                                                                      \
	do {                                                                                                           \
		const char *got_ = (got), *wanted_ = (wanted);                                                         \
		if (!OK(got_ && strcmp(got_, wanted_) == 0, __VA_ARGS__))                                              \
			printf("# got %s\n# not %s\n", got_ ? got_ : "(null)", wanted_);                               \
	} while (0)
#define IS_INT(got, wanted, ...)                                                                                       \
	do {                                                                                                           \
		long long got_ = (long long)(got), wanted_ = (long long)(wanted);                                      \
		if (!OK(got_ == wanted_, __VA_ARGS__))                                                                 \
			printf("# got %lld, not %lld\n", got_, wanted_);                                               \
	} while (0)

__attribute__((unused)) static int tap_done(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed != 0;
}

#endif
