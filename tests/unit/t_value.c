/*
 * t_value.c: what words look like that lead nowhere.
 */
#include "value.h"

#include "tap.h"

#include <string.h>

#define NOW 1795305600ull /* 2026-11-22 */

static const char *of(uint64_t word)
{
	const char *text = ex_value_text(word, NOW);
	return text ? text : "";
}

static uint64_t of_text(const char *text)
{
	uint64_t word = 0;
	memcpy(&word, text, strlen(text) < 8 ? strlen(text) : 8);
	return word;
}

static uint64_t of_double(double value)
{
	uint64_t word;
	memcpy(&word, &value, sizeof(word));
	return word;
}

int main(void)
{
	IS_TEXT(of(of_text("abcdefgh")), "text \"abcdefgh\"", "eight characters");
	OK(strncmp(of(of_text("path")), "text \"path\", or ", 16) == 0, "four, and zeros: may be a number");
	IS_TEXT(of(of_text("paths")), "text \"paths\"", "five");
	OK(strncmp(of(of_text("ab")), "text", 4) != 0, "two may be chance");
	OK(strstr(of(0x5555555555555555), "0x55") != NULL, "freed memory");
	OK(strstr(of(0xaaaaaaaa), "0xaa") != NULL, "half a word of fresh memory");
	IS_TEXT(of(NOW - 3600), "seconds since 1970: 2026-11-21 23:00:00 UTC", "a time");
	OK(strstr(of((NOW - 5) * 1000), "milliseconds since 1970: 2026-") != NULL, "in milliseconds");
	OK(strstr(of((NOW - 5) * 1000000), "microseconds since 1970: 2026-") != NULL, "in microseconds");
	OK(strstr(of((NOW - 5) * 1000000000), "nanoseconds since 1970: 2026-") != NULL, "in nanoseconds");
	OK(strstr(of(0x3324386c), "nanoseconds within a second") != NULL, "the part of a second: 858 011 756");
	IS_TEXT(of(of_double(3.25)), "the double 3.25", "a double");
	IS_TEXT(of((uint64_t)-14), "-14, a small negative number", "an error number");
	IS_TEXT(of(12), "", "a small number says itself what it is");
	IS_TEXT(of(0x7f1234567890), "", "what could be an address");
	OK(!ex_value_text(NOW, 0) || strstr(ex_value_text(NOW, 0), "1970") == NULL,
	   "no time where the run's is not known");
	return tap_done();
}
