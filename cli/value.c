/*
 * value.c: see value.h. The order is that of how seldom a word looks like it by chance.
 */
#include "value.h"

#include "text.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#define ONES 0x0101010101010101ull
#define TEXT_MIN                                                                                                       \
	4 /* printable bytes: one number below 2^32 in fifty has so many by chance, and may be something else as well */
#define YEARS_S (10ull * 365 * 86400)

/* at the word's beginning in memory: printable, and then nothing but zeros */
static const char *text_of(uint64_t word)
{
	char bytes[9] = "";
	unsigned count = 0;
	memcpy(bytes, &word, 8);
	while (count < 8 && isprint((unsigned char)bytes[count]))
		count++;
	for (unsigned i = count; i < 8; i++)
		if (bytes[i])
			return NULL;
	return count < TEXT_MIN ? NULL : ex_format("text \"%.*s\"", (int)count, bytes);
}

static const char *filled(uint64_t word)
{
	static const struct {
		uint8_t byte;
		const char *who;
	} fills[] = {
		{0x55, "freed memory of MallocScribble and the like"},
		{0xaa, "fresh memory of MallocScribble and the like"},
		{0x5a, "freed memory of jemalloc's junk option"},
		{0xa5, "fresh memory of jemalloc's junk option"},
		{0xdf, "freed memory of mimalloc's debug build"},
		{0xd0, "fresh memory of mimalloc's debug build"},
		{0xcd, "fresh memory of Windows' and tcmalloc's debug builds"},
		{0xdd, "freed memory of Windows' debug builds"},
		{0xbe, "fresh memory of the address sanitizer"},
		{0xb5, "what exeunt's treatment guard puts behind blocks"},
	};
	for (unsigned i = 0; i < sizeof(fills) / sizeof(fills[0]); i++)
		if (word == fills[i].byte * ONES || word == (uint32_t)(fills[i].byte * ONES))
			return ex_format("every byte is 0x%02x: %s", fills[i].byte, fills[i].who);
	return NULL;
}

static const char *moment(uint64_t word, uint64_t now_s)
{
	static const struct {
		uint64_t each;
		const char *unit;
	} units[] = {{1, "seconds"}, {1000, "milliseconds"}, {1000000, "microseconds"}, {1000000000, "nanoseconds"}};
	char text[32];
	for (unsigned i = 0; now_s && i < 4; i++) {
		time_t at = (time_t)(word / units[i].each);
		struct tm parts;
		if ((uint64_t)at + YEARS_S < now_s || (uint64_t)at > now_s + YEARS_S || !gmtime_r(&at, &parts))
			continue;
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts);
		return ex_format("%s since 1970: %s UTC", units[i].unit, text);
	}
	return NULL;
}

/* one that a program computes with: neither tiny nor huge, and not a whole power of two by its few bits alone */
static const char *floating(uint64_t word)
{
	double value;
	memcpy(&value, &word, sizeof(value));
	double size = fabs(value);
	return isfinite(value) && size > 1e-6 && size < 1e12 && word >> 52 ? ex_format("the double %.10g", value)
									   : NULL;
}

static const char *small_float(uint64_t word)
{
	float value;
	uint32_t low = (uint32_t)word;
	memcpy(&value, &low, sizeof(value));
	float size = fabsf(value);
	return !(word >> 32) && isfinite(value) && size > 1e-3f && size < 1e6f && low > 0x3a000000
		       ? ex_format("the float %.6g", value)
		       : NULL;
}

static const char *number(uint64_t word, uint64_t now_s)
{
	const char *text = moment(word, now_s);
	if (text)
		return text;
	/* the part of a second that clocks give beside the seconds */
	if (word < 1000000)
		return ex_format("%" PRIu64 ": may be microseconds within a second", word);
	if (word < 1000000000 && !small_float(word))
		return ex_format("%" PRIu64 ": may be nanoseconds within a second", word);
	if ((text = small_float(word)) || (text = floating(word)))
		return text;
	return word >> 32 ? NULL : ex_format("%" PRIu64 ", no address but a number", word);
}

const char *ex_value_text(uint64_t word, uint64_t now_s)
{
	const char *text, *other;
	if (word <= 4096)
		return NULL; /* it says itself what it is */
	if (-word <= 4095)
		return ex_format("-%" PRIu64 ", a small negative number", -word);
	if ((text = filled(word)))
		return text;
	text = text_of(word);
	other = text && word >> 32 ? NULL : number(word, now_s);
	return text && other ? ex_format("%s, or %s", text, other) : text ? text : other;
}
