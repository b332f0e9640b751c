/*
 * settings_handlers.c: values of settings that name exit handlers, or functions.
 */
#include "settings.h"

#include "wire.h"

#include <ctype.h>
#include <string.h>

/* symbol, module+0xoffset, #n */
int ex_settings_is_handler(const char *text, size_t length)
{
	if (!length)
		return 0;
	for (size_t i = 0; i < length; i++)
		if (!isgraph((unsigned char)text[i]) && !((unsigned char)text[i] & 0x80))
			return 0;
	if (*text == '#') {
		size_t digits = strspn(text + 1, "0123456789");
		return length > 1 && digits + 1 >= length && text[1] != '0';
	}
	const char *plus = memmem(text, length, "+0x", 3);
	if (!plus)
		return 1;
	size_t hex = strspn(plus + 3, "0123456789abcdefABCDEF"), rest = length - (size_t)(plus + 3 - text);
	return plus != text && rest && hex >= rest && rest <= 16;
}

const char ex_settings_handler_form[] = "a handler is a symbol, module+0xoffset, or #n as the report prints it";

/* handlers with commas between */
const char *ex_settings_wrong_handlers(const char *value)
{
	_Static_assert(EX_SKIP_MAX == 8, "the sentence below says so");
	int count = 0;
	for (const char *item = value;; item++) {
		size_t length = strcspn(item, ",");
		if (++count > EX_SKIP_MAX)
			return "it takes at most 8 handlers";
		if (!ex_settings_is_handler(item, length))
			return ex_settings_handler_form;
		item += length;
		if (!*item)
			return NULL;
	}
}

const char *ex_settings_wrong_first(const char *value)
{
	for (const char *item = value; *item; item += *item == ',') {
		if (*item == '#')
			return "a #n is known only when its turn comes; write a symbol or module+0xoffset";
		item += strcspn(item, ",");
	}
	return ex_settings_wrong_handlers(value);
}

const char *ex_settings_wrong_enter(const char *value)
{
	static const char form[] = "write module+0xoffset, several with commas";
	_Static_assert(EX_ENTER_MAX == 16, "the sentence below says so");
	int count = 0;
	for (const char *item = value;; item++) {
		size_t length = strcspn(item, ",");
		if (++count > EX_ENTER_MAX)
			return "it takes at most 16 functions";
		if (!ex_settings_is_handler(item, length) || *item == '#' || !memmem(item, length, "+0x", 3))
			return form;
		item += length;
		if (!*item)
			return NULL;
	}
}
