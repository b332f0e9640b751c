/*
 * experiment_arm.c: an arm of an experiment: its name, its settings, and the command that repeats one of its runs.
 */
#include "experiment.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

const char *ex_experiment_quoted(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,/:@%";
	if (*word && strspn(word, plain) == strlen(word))
		return word;
	char *text = malloc(strlen(word) * 4 + 3), *out = text;
	if (!text)
		abort();
	*out++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			out = stpcpy(out, "'\\''");
		else
			*out++ = *word;
	}
	strcpy(out, "'");
	return text;
}

const char *ex_experiment_repeat(const struct ex_experiment *x, const struct ex_settings *settings)
{
	const char *text = ex_format("%s run", ex_experiment_quoted(x->exeunt));
	for (size_t i = 0; ex_options[i].name; i++)
		if (settings->values[i])
			text = ex_format("%s -s %s", text,
					 ex_experiment_quoted(
						 ex_format("%s=%s", ex_options[i].name, settings->values[i])));
	text = ex_format("%s --", text);
	for (char *const *word = x->bench.argv; *word; word++)
		text = ex_format("%s %s", text, ex_experiment_quoted(*word));
	const char *input = ex_stdin_file(x->bench.input);
	return input ? ex_format("%s < %s", text, ex_experiment_quoted(input)) : text;
}

static void treat(const struct ex_experiment *x, struct ex_arm *arm, const char *treatment)
{
	struct ex_settings settings;
	const char *value;
	int option;
	ex_settings_init(&settings);
	ex_settings_merge(&settings, x->settings);
	for (const char *rest = treatment; (rest = ex_treatment_next(rest, &option, &value));)
		settings.values[option] = value;
	arm->treatment = treatment;
	arm->settings = ex_settings_text(&settings);
	arm->repeat = ex_experiment_repeat(x, &settings);
}

struct ex_arm *ex_experiment_arm(struct ex_experiment *x, const struct ex_arm *wanted)
{
	struct ex_arm *arm = calloc(1, sizeof(*arm));
	if (!arm || x->arm_count == EX_EXPERIMENT_ARMS_MAX)
		abort();
	*arm = *wanted;
	for (unsigned i = 0, n = 2; i < x->arm_count; i++)
		if (!strcmp(x->arms[i]->name, arm->name)) {
			arm->name = ex_format("%.*s-%u", (int)strcspn(arm->name, "0123456789"), arm->name, n++);
			i = 0;
		}
	arm->wanted = x->runs_wanted;
	treat(x, arm, wanted->treatment);
	x->arms[x->arm_count++] = arm;
	return arm;
}
