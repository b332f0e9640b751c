/*
 * settings.c: settings of the library as people write them, checked before anything runs. Which keys exist is known
 * to options.def alone. Must never accept what the library would refuse: a run must not start with half its settings.
 */
#include "settings.h"

#include "meta.h"
#include "say.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ex_settings_init(struct ex_settings *settings)
{
	size_t count = 0;
	while (ex_options[count].name)
		count++;
	settings->values = calloc(count + 1, sizeof(*settings->values));
	if (!settings->values)
		abort();
}

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

/* symbol, module+0xoffset, #n */
static int is_handler(const char *text, size_t length)
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

static const char handler_form[] = "a handler is a symbol, module+0xoffset, or #n as the report prints it";

static const char *wrong_flush(const char *value)
{
	static const char *const later[] = {"fini",	   "growth", "map-exec", "unmap-exec",
					    "thread-exit", "call",   "every",	 "signal"};
	if (!strcmp(value, "main-end") || !strcmp(value, "exit"))
		return NULL;
	for (int after = 0; after < 2; after++) {
		const char *prefix = after ? "after:" : "before:";
		if (!strncmp(value, prefix, strlen(prefix))) {
			value += strlen(prefix);
			return is_handler(value, strlen(value)) ? NULL : handler_form;
		}
	}
	size_t word = strcspn(value, ":");
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++)
		if (word == strlen(later[i]) && !strncmp(value, later[i], word))
			return "this version does not honour that point; write main-end, exit, before:HANDLER or "
			       "after:HANDLER";
	return "write main-end, exit, before:HANDLER or after:HANDLER";
}

static const char *wrong_skip(const char *value)
{
	_Static_assert(EX_SKIP_MAX == 8, "the sentence below says so");
	int count = 0;
	for (const char *item = value;; item++) {
		size_t length = strcspn(item, ",");
		if (++count > EX_SKIP_MAX)
			return "it takes at most 8 handlers";
		if (!is_handler(item, length))
			return handler_form;
		item += length;
		if (!*item)
			return NULL;
	}
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

/* NULL when the value is good, else what to write instead */
static const char *wrong_value(const struct ex_option_meta *option, const char *value)
{
	uint64_t bytes;
	if (strlen(value) >= EX_OPTION_MAX_BYTES)
		return "it is too long";
	if (!strcmp(option->name, "flush"))
		return wrong_flush(value);
	if (!strcmp(option->name, "skip"))
		return wrong_skip(value);
	if (!strcmp(option->type, "flag"))
		return !strcmp(value, "yes") || !strcmp(value, "no") ? NULL : "write yes or no";
	if (!strcmp(option->type, "choice"))
		return wrong_choice(option, value);
	if (strcmp(option->type, "size") != 0)
		return NULL;
	if (ex_settings_parse_size(value, &bytes))
		return "write a number of bytes, as 4096, 64K, 8M or 1G";
	if (!strcmp(option->name, "stack") && bytes > EX_STACK_MAX_BYTES)
		return "it is at most 12K";
	/* the launcher's own packet and a small one each for two processes: with less nothing can be recorded */
	if (!strcmp(option->name, "limit") && bytes && bytes < EX_PACKET_BYTES + 2 * EX_FIRST_PACKET_BYTES)
		return "it is at least 96K";
	return NULL;
}

static const char *key_list(void)
{
	static char list[512];
	size_t used = 0;
	for (const struct ex_option_meta *o = ex_options; o->name; o++)
		if (strcmp(o->name, "out") != 0)
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "", o->name);
	return list;
}

/* where is "" on the command line, " (FILE:LINE)" in a profile */
static int assign(struct ex_settings *settings, const char *text, const char *where, const char *command)
{
	const char *equals = strchr(text, '=');
	char *label, *key;
	if (!equals || equals == text) {
		char *advice;
		if (asprintf(&advice, "write KEY=VALUE; see: exeunt %s --help", command) < 0 ||
		    asprintf(&label, "-s%s", where) < 0)
			abort();
		return ex_fail(EX_MSG_BAD_VALUE, label, *text ? text : "\"\"", advice);
	}
	if (asprintf(&key, "%.*s", (int)(equals - text), text) < 0 || asprintf(&label, "-s %s%s", key, where) < 0)
		abort();
	for (const struct ex_option_meta *o = ex_options; o->name; o++) {
		if (strcmp(o->name, key) != 0)
			continue;
		const char *value = equals + 1;
		const char *wrong =
			!strcmp(key, "out") ? "name the trace directory with -o DIR" : wrong_value(o, value);
		if (wrong)
			return ex_fail(EX_MSG_BAD_VALUE, label, *value ? value : "\"\"", wrong);
		settings->values[o - ex_options] = strdup(value);
		return 0;
	}
	return ex_fail(EX_MSG_UNKNOWN_KEY, label + 3, key_list());
}

int ex_settings_set(struct ex_settings *settings, const char *assignment, const char *command)
{
	return assign(settings, assignment, "", command);
}

void ex_settings_merge(struct ex_settings *settings, const struct ex_settings *over)
{
	for (size_t i = 0; ex_options[i].name; i++)
		if (over->values[i])
			settings->values[i] = over->values[i];
}

static int is_profile(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return dot && dot != entry->d_name && !strcmp(dot, ".profile");
}

const char *ex_settings_profiles(void)
{
	struct dirent **entries = NULL;
	const char *dir = ex_profiles_dir();
	int count = dir ? scandir(dir, &entries, is_profile, alphasort) : 0;
	char *list = NULL;
	for (int i = 0; i < count; i++) {
		char *longer;
		int bytes = (int)(strlen(entries[i]->d_name) - strlen(".profile"));
		if (asprintf(&longer, "%s%s%.*s", list ? list : "", list ? ", " : "", bytes, entries[i]->d_name) < 0)
			abort();
		list = longer;
	}
	return list ? list : "none";
}

int ex_settings_profile(struct ex_settings *settings, const char *name)
{
	char *path, *line = NULL, *where;
	size_t size = 0;
	int status = 0;
	const char *dir = ex_profiles_dir();
	if (strchr(name, '/'))
		path = strdup(name);
	else if (!dir || asprintf(&path, "%s/%s.profile", dir, name) < 0)
		path = NULL;
	FILE *file = path ? fopen(path, "re") : NULL;
	if (!file)
		return ex_fail(EX_MSG_NO_PROFILE, name, ex_settings_profiles());
	errno = 0;
	for (int n = 1; !status && getline(&line, &size, file) >= 0; n++) {
		line[strcspn(line, "\r\n")] = '\0';
		char *text = line + strspn(line, " \t");
		for (size_t end = strlen(text); end && isblank((unsigned char)text[end - 1]); end--)
			text[end - 1] = '\0';
		if (!*text || *text == '#')
			continue;
		if (asprintf(&where, " (%s:%d)", path, n) < 0)
			abort();
		status = assign(settings, text, where, "run");
	}
	/* a directory opens well and fails at the first read */
	if (!status && ferror(file))
		status = ex_fail(EX_MSG_NO_PROFILE, name, ex_settings_profiles());
	fclose(file);
	return status;
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

const char *ex_settings_text(const struct ex_settings *settings)
{
	char *text = strdup("");
	for (size_t i = 0; ex_options[i].name; i++) {
		char *longer;
		if (!settings->values[i])
			continue;
		if (asprintf(&longer, "%s%s%s=%s", text, *text ? " " : "", ex_options[i].name,
			     ex_settings_escape(settings->values[i])) < 0)
			abort();
		text = longer;
	}
	return text;
}

uint64_t ex_settings_size(const char *text, const char *name)
{
	uint64_t bytes = 0;
	for (const struct ex_option_meta *o = ex_options; o->name; o++)
		if (!strcmp(o->name, name))
			ex_settings_parse_size(o->value, &bytes);
	for (const char *item = text ? text : ""; *item;) {
		size_t length = strcspn(item, " "), key = strcspn(item, "=");
		if (key < length && key == strlen(name) && !strncmp(item, name, key)) {
			char *value = strndup(item + key + 1, length - key - 1);
			if (value)
				ex_settings_parse_size(value, &bytes);
			free(value);
		}
		item += length;
		item += strspn(item, " ");
	}
	return bytes;
}
