/*
 * settings_profile.c: values of settings that are about LLVM profiles.
 */
#include "settings.h"

#include "wire.h"

#include <signal.h>
#include <string.h>

static const char *wrong_flush_signal(const char *text)
{
	_Static_assert(EX_SIGNAL_MAX == 64, "the sentence below says so");
	uint64_t signo;
	const char *end;
	if (ex_settings_number(text, EX_SIGNAL_MAX, &signo, &end) || *end || !signo)
		return "signal:N takes the number of a signal, 1 to 64; kill -l lists them";
	if (signo == SIGKILL || signo == SIGSTOP)
		return "nothing can be done when that signal arrives; take another, as signal:10, which is SIGUSR1";
	if (signo > SIGSYS && (int)signo < SIGRTMIN)
		return "the C library keeps that signal for itself; take another, as signal:10, which is SIGUSR1";
	return NULL;
}

const char *ex_settings_wrong_flush(const char *value)
{
	uint64_t seconds;
	const char *end;
	if (!strcmp(value, "main-end") || !strcmp(value, "exit"))
		return NULL;
	for (int after = 0; after < 2; after++) {
		const char *prefix = after ? "after:" : "before:";
		if (!strncmp(value, prefix, strlen(prefix))) {
			value += strlen(prefix);
			return ex_settings_is_handler(value, strlen(value)) ? NULL : ex_settings_handler_form;
		}
	}
	if (!strncmp(value, "signal:", 7))
		return wrong_flush_signal(value + 7);
	_Static_assert(EX_FLUSH_EVERY_MAX_S == 86400, "the sentence below says so");
	if (!strncmp(value, "every:", 6))
		return ex_settings_number(value + 6, EX_FLUSH_EVERY_MAX_S, &seconds, &end) || *end || !seconds
			       ? "every:SECONDS takes a number from 1 to 86400"
			       : NULL;
	if (ex_settings_is_point(value))
		return "this version does not honour that point; write main-end, exit, before:HANDLER, after:HANDLER, "
		       "signal:N or every:SECONDS";
	return "write main-end, exit, before:HANDLER, after:HANDLER, signal:N or every:SECONDS";
}

const char *ex_settings_wrong_salvage_to(const char *value)
{
	size_t length = strlen(value);
	return !length || value[length - 1] == '/' ? "write the name of a file" : NULL;
}

/* on, off, and with it functions of which nothing but the place is known */
const char *ex_settings_wrong_value_profile(const char *value)
{
	_Static_assert(EX_RETURNS_MAX == 8, "the sentence below says so");
	if (!strcmp(value, "on") || !strcmp(value, "off"))
		return NULL;
	if (strncmp(value, "off,", 4) != 0)
		return "write on, off, or off,MODULE+0xOFFSET, several with commas";
	int count = 1;
	for (const char *s = value + 4; (s = strchr(s, ',')) != NULL; s++)
		count++;
	return count > EX_RETURNS_MAX ? "it takes at most 8 functions" : ex_settings_wrong_enter(value + 4);
}
