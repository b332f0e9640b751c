/*
 * settings_values.c: values of settings: whether one is good, and what to write instead. See settings.h. Must never
 * accept what the library would refuse: a run must not start with half its settings.
 */
#include "settings.h"

#include "meta.h"
#include "watch_word.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ex_settings_parse_size(const char *value, uint64_t *bytes)
{
	static const char units[] = "KMG";
	char *end;
	errno = 0;
	unsigned long long number = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)*value) || errno)
		return -1;
	if (*end) {
		const char *unit = strchr(units, toupper((unsigned char)*end));
		if (!unit || end[1])
			return -1;
		for (const char *u = units; u <= unit; u++)
			if (__builtin_mul_overflow(number, 1024ull, &number))
				return -1;
	}
	*bytes = number;
	return 0;
}

int ex_settings_is_point(const char *value)
{
	static const char *const points[] = {"main-end", "exit",       "before",      "after", "fini",	"growth",
					     "map-exec", "unmap-exec", "thread-exit", "call",  "every", "signal"};
	size_t word = strcspn(value, ":");
	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++)
		if (word == strlen(points[i]) && !strncmp(value, points[i], word))
			return 1;
	return 0;
}

int ex_settings_number(const char *text, uint64_t max, uint64_t *number, const char **end)
{
	char *rest;
	errno = 0;
	*number = strtoull(text, &rest, 10);
	*end = rest;
	return isdigit((unsigned char)*text) && !errno && *number <= max ? 0 : -1;
}

static const char *wrong_arenas(const char *value)
{
	uint64_t number;
	const char *end;
	return ex_settings_number(value, EX_ARENAS_MAX, &number, &end) || *end ? "write a number from 0 to 4096" : NULL;
}

static const char *wrong_seed(const char *value)
{
	uint64_t number;
	const char *end;
	return ex_settings_number(value, INT64_MAX, &number, &end) || *end
		       ? "write a number from 0 to 9223372036854775807"
		       : NULL;
}

static const char *wrong_ballast(const char *value)
{
	static char advice[64];
	uint64_t number;
	const char *end;
	if (!ex_settings_number(value, EX_BALLAST_MAX, &number, &end) && !*end)
		return NULL;
	snprintf(advice, sizeof(advice), "write a number of mappings from 0 to %llu",
		 (unsigned long long)EX_BALLAST_MAX);
	return advice;
}

/* with none left of the host's there is nothing to count against */
static const char *wrong_host_mappings(const char *value)
{
	uint64_t number;
	const char *end;
	return ex_settings_number(value, UINT32_MAX, &number, &end) || *end || !number
		       ? "write the host's vm.max_map_count, a number from 1 to 4294967295; exeunt doctor "
			 "--host-mappings "
			 "measures it"
		       : NULL;
}

static const char *wrong_grow_step(const char *value)
{
	uint64_t bytes;
	if (!ex_settings_parse_size(value, &bytes) &&
	    (!bytes || (bytes >= EX_GROW_STEP_MIN_BYTES && bytes <= EX_GROW_STEP_MAX_BYTES)))
		return NULL;
	return "write 0, or a size from 4K to 32M; it is rounded up to whole pages";
}

/* what follows "growth:", NULL when it is another point or none */
static const char *after_growth(const char *value)
{
	return strncmp(value, "growth:", 7) ? NULL : value + 7;
}

static const char *wrong_delay(const char *value)
{
	const char *what = after_growth(value), *end;
	uint64_t delay_us;
	if (!what && !strncmp(value, "before:", 7)) {
		const char *handler = value + 7, *colon = strrchr(handler, ':');
		if (!colon || ex_settings_number(colon + 1, EX_DELAY_MAX_US, &delay_us, &end) || *end || !delay_us)
			return "write before:HANDLER:USEC, with USEC from 1 to 1000000";
		return ex_settings_is_handler(handler, (size_t)(colon - handler)) ? NULL : ex_settings_handler_form;
	}
	if (!what && ex_settings_is_point(value) && strncmp(value, "growth", 6) != 0)
		return "this version does not honour that point; write growth:USEC or before:HANDLER:USEC";
	if (!what || ex_settings_number(what, EX_DELAY_MAX_US, &delay_us, &end) || *end || !delay_us)
		return "write before:HANDLER:USEC or growth:USEC, with USEC from 1 to 1000000";
	return NULL;
}

static const char *wrong_fail(const char *value)
{
	static const char *const errors[] = {"ENOMEM", "EAGAIN", "EINVAL", "EPERM"};
	static const char form[] = "write growth:ERRNO@N or growth:ERRNO@N+M, with N and M from 1";
	const char *what = after_growth(value), *end;
	uint64_t first, count = 1;
	int is_known = 0;
	if (!what && ex_settings_is_point(value) && strncmp(value, "growth", 6) != 0)
		return "this version does not honour that point; write growth:ERRNO@N or growth:ERRNO@N+M";
	if (!what || !strchr(what, '@'))
		return form;
	size_t length = strcspn(what, "@");
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		is_known |= length == strlen(errors[i]) && !strncmp(what, errors[i], length);
	if (!is_known)
		return "ERRNO is one of ENOMEM, EAGAIN, EINVAL, EPERM";
	/* growths are numbered in 32 bits */
	if (ex_settings_number(what + length + 1, UINT32_MAX, &first, &end) || !first)
		return form;
	if (*end == '+' && (ex_settings_number(end + 1, UINT32_MAX, &count, &end) || !count))
		return form;
	return *end ? form : NULL;
}

/* "off | on: what it does" */
static const char *wrong_choice(const struct ex_option_meta *option, const char *value)
{
	static char advice[128];
	size_t length = strcspn(option->doc, ":");
	for (const char *word = option->doc; word < option->doc + length;) {
		size_t bytes = strcspn(word, " :");
		if (bytes == strlen(value) && !strncmp(word, value, bytes))
			return NULL;
		word += bytes;
		word += strspn(word, " |");
	}
	snprintf(advice, sizeof(advice), "write one of: %.*s", (int)length, option->doc);
	return advice;
}

static const char *wrong_stack(const char *value)
{
	uint64_t bytes;
	return !ex_settings_parse_size(value, &bytes) && bytes > EX_STACK_MAX_BYTES ? "it is at most 12K" : NULL;
}

static const char *wrong_stack_size(const char *value)
{
	uint64_t bytes;
	return !ex_settings_parse_size(value, &bytes) && bytes > EX_STACK_SIZE_MAX_BYTES ? "it is at most 64M" : NULL;
}

/* the launcher's own packet and a small one each for two processes: with less nothing can be recorded */
static const char *wrong_limit(const char *value)
{
	uint64_t bytes;
	if (ex_settings_parse_size(value, &bytes) || !bytes)
		return NULL;
	return bytes < EX_PACKET_BYTES + 2 * EX_FIRST_PACKET_BYTES ? "it is at least 96K" : NULL;
}

static const char *wrong_size(const char *value)
{
	uint64_t bytes;
	return ex_settings_parse_size(value, &bytes) ? "write a number of bytes, as 4096, 64K, 8M or 1G" : NULL;
}

const char *ex_settings_wrong(const struct ex_option_meta *option, const char *value)
{
	/* those whose advice the type alone cannot give */
	static const struct {
		const char *name;
		const char *(*wrong)(const char *value);
	} own[] = {
		{"flush", ex_settings_wrong_flush},
		{"salvage-to", ex_settings_wrong_salvage_to},
		{"value-profile", ex_settings_wrong_value_profile},
		{"skip", ex_settings_wrong_handlers},
		{"defer", ex_settings_wrong_handlers},
		{"first", ex_settings_wrong_first},
		{"enter", ex_settings_wrong_enter},
		{"clone-at", ex_settings_wrong_clone_at},
		{"clones", ex_settings_wrong_clones},
		{"clone-life", ex_settings_wrong_clone_life},
		{"arenas", wrong_arenas},
		{"seed", wrong_seed},
		{"ballast", wrong_ballast},
		{"host-mappings", wrong_host_mappings},
		{"grow-step", wrong_grow_step},
		{"delay", wrong_delay},
		{"fail", wrong_fail},
		{"stack", wrong_stack},
		{"stack-size", wrong_stack_size},
		{"limit", wrong_limit},
		{"guard", ex_settings_wrong_guard},
		{"guard-frames", ex_settings_wrong_guard_frames},
		{"watch", ex_watch_word_wrong},
	};
	const char *wrong = NULL;
	if (strlen(value) >= EX_OPTION_MAX_BYTES)
		return "it is too long";
	for (size_t i = 0; i < sizeof(own) / sizeof(*own) && !wrong; i++)
		if (!strcmp(option->name, own[i].name))
			wrong = own[i].wrong(value);
	if (wrong)
		return wrong;
	if (!strcmp(option->type, "flag"))
		return !strcmp(value, "yes") || !strcmp(value, "no") ? NULL : "write yes or no";
	if (!strcmp(option->type, "choice"))
		return wrong_choice(option, value);
	return !strcmp(option->type, "size") ? wrong_size(value) : NULL;
}

const char *ex_settings_escape(const char *value)
{
	char *text = malloc(strlen(value) * 3 + 1), *out = text;
	if (!text)
		abort();
	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;
		if (byte <= ' ' || byte == '%' || byte == 0x7f)
			out += sprintf(out, "%%%02X", byte);
		else
			*out++ = (char)byte;
	}
	*out = '\0';
	return text;
}

const char *ex_settings_plain(const char *text)
{
	char *plain = strdup(text), *out = plain;
	for (; *text; text++) {
		unsigned byte;
		if (*text == '%' && sscanf(text + 1, "%2x", &byte) == 1) {
			*out++ = (char)byte;
			text += 2;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
	return plain;
}

const char *ex_settings_value(const char *text, const char *name)
{
	const char *value = "";
	for (const struct ex_option_meta *o = ex_options; o->name; o++)
		if (!strcmp(o->name, name))
			value = o->value;
	for (const char *item = text ? text : ""; *item;) {
		size_t length = strcspn(item, " "), key = strcspn(item, "=");
		if (key < length && key == strlen(name) && !strncmp(item, name, key))
			value = strndup(item + key + 1, length - key - 1);
		if (!value)
			abort();
		item += length;
		item += strspn(item, " ");
	}
	return value;
}

uint64_t ex_settings_size(const char *text, const char *name)
{
	uint64_t bytes = 0;
	ex_settings_parse_size(ex_settings_value(text, name), &bytes);
	return bytes;
}
