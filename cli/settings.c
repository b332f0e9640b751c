/*
 * settings.c: settings of the library as people write them: which are set, from the command line and from profiles, and
 * the EXEUNT variable that they become. Which keys exist is known to options.def alone.
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

static const char *key_list(void)
{
	static char list[1024];
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
			!strcmp(key, "out") ? "name the trace directory with -o DIR" : ex_settings_wrong(o, value);
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
