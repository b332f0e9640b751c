/*
 * settings_clone.c: values of settings about stopped copies of the process.
 */
#include "settings.h"

#include "wire.h"

#include <stdlib.h>
#include <string.h>

/* nothing, or :N with N from 1; counts come in 32 bits */
static int is_count(const char *text)
{
	uint64_t number;
	const char *end;
	return !*text ||
	       (*text == ':' && !ex_settings_number(text + 1, UINT32_MAX, &number, &end) && !*end && number > 0);
}

static const char *wrong_call(const char *what)
{
	const char *colon = strrchr(what, ':');
	size_t length = colon && colon[1] && is_count(colon) ? (size_t)(colon - what) : strlen(what);
	return ex_settings_is_handler(what, length) && *what != '#'
		       ? NULL
		       : "write call:SYMBOL or call:MODULE+0xOFFSET, with :N behind it for the Nth entry alone";
}

const char *ex_settings_wrong_clone_at(const char *value)
{
	static const char *const counted[] = {"growth", "map-exec", "unmap-exec"};
	static const char form[] = "write exit, main-end, before:HANDLER, growth:N, map-exec:N, unmap-exec:N, "
				   "call:SYMBOL:N, call:MODULE+0xOFFSET:N or every:SECONDS";
	uint64_t seconds;
	const char *end;
	if (!strcmp(value, "main-end") || !strcmp(value, "exit"))
		return NULL;
	if (!strncmp(value, "before:", 7))
		return ex_settings_is_handler(value + 7, strlen(value + 7)) ? NULL : ex_settings_handler_form;
	if (!strncmp(value, "call:", 5))
		return wrong_call(value + 5);
	for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++) {
		size_t length = strlen(counted[i]);
		if (!strncmp(value, counted[i], length) && (!value[length] || value[length] == ':'))
			return is_count(value + length) ? NULL : "N is a number from 1";
	}
	_Static_assert(EX_FLUSH_EVERY_MAX_S == 86400, "the sentence below says so");
	if (!strncmp(value, "every:", 6))
		return ex_settings_number(value + 6, EX_FLUSH_EVERY_MAX_S, &seconds, &end) || *end || !seconds
			       ? "every:SECONDS takes a number from 1 to 86400"
			       : NULL;
	return ex_settings_is_point(value) ? "this version does not honour that point; write exit, main-end, "
					     "before:HANDLER, growth:N, map-exec:N, unmap-exec:N, call:SYMBOL:N, "
					     "call:MODULE+0xOFFSET:N or every:SECONDS"
					   : form;
}

const char *ex_settings_wrong_clones(const char *value)
{
	uint64_t number;
	const char *end;
	_Static_assert(EX_CLONES_MAX == 32, "the sentence below says so");
	return ex_settings_number(value, EX_CLONES_MAX, &number, &end) || *end || !number
		       ? "write a number from 1 to 32"
		       : NULL;
}

const char *ex_settings_wrong_clone_life(const char *value)
{
	uint64_t number;
	const char *end;
	_Static_assert(EX_CLONE_LIFE_MAX_S == 604800, "the sentence below says so");
	return ex_settings_number(value, EX_CLONE_LIFE_MAX_S, &number, &end) || *end || !number
		       ? "write a number of seconds from 1 to 604800"
		       : NULL;
}
