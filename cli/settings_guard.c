/*
 * settings_guard.c: values of the settings of treatment guard.
 */
#include "settings.h"

#include "wire.h"

#include <string.h>

static const char *wrong_sites(const char *text)
{
	static const char form[] =
		"site: takes an identifier of an allocation site, as a report of guard=slack prints it, or several "
		"with commas: hexadecimal digits, 16 at most";
	_Static_assert(EX_GUARD_SITES_MAX == 16, "the sentence below says so");
	int count = 0;
	for (;; text++) {
		size_t digits = strspn(text, "0123456789abcdef");
		if (!digits || digits > 16 || (text[digits] && text[digits] != ','))
			return form;
		if (++count > EX_GUARD_SITES_MAX)
			return "site: takes 16 allocation sites at most";
		text += digits;
		if (!*text)
			return NULL;
	}
}

const char *ex_settings_wrong_guard(const char *value)
{
	static const char *const words[] = {"slack", "ends", "starts"};
	uint64_t every;
	const char *end;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(value, words[i]))
			return NULL;
	if (!strncmp(value, "site:", 5))
		return wrong_sites(value + 5);
	if (!strncmp(value, "sample:", 7))
		return ex_settings_number(value + 7, UINT32_MAX, &every, &end) || *end || !every
			       ? "sample:N guards one block in N; N is a number from 1 to 4294967295"
			       : NULL;
	return *value ? "write slack, ends, starts, site:ID or sample:N" : NULL;
}

const char *ex_settings_wrong_guard_frames(const char *value)
{
	_Static_assert(EX_GUARD_FRAMES_MAX == 16, "the sentence below says so");
	uint64_t frames;
	const char *end;
	return ex_settings_number(value, EX_GUARD_FRAMES_MAX, &frames, &end) || *end || !frames
		       ? "write a number of frames from 1 to 16"
		       : NULL;
}
