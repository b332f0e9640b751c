/*
 * args.c: what all commands say about their command line. See args.h.
 */
#include "args.h"

#include "meta.h"
#include "say.h"
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ex_args_fail(int c, char *const *argv, const char *command)
{
	/* a short option leaves its letter in optopt, a long one (or an unknown word) stands before optind */
	int is_short = optopt && isgraph(optopt) && strncmp(argv[optind - 1], "--", 2) != 0;
	const char *name = is_short ? ex_format("-%c", optopt) : argv[optind - 1];
	return ex_fail(c == ':' ? EX_MSG_NO_VALUE : EX_MSG_UNKNOWN_OPTION, name, command);
}

void ex_args_begin(struct ex_args *args, const char *command, void (*help)(void), const char *setting)
{
	*args = (struct ex_args){.command = command, .help = help};
	ex_settings_init(&args->settings);
	ex_settings_init(&args->over);
	if (*setting)
		ex_settings_set(&args->settings, setting, command);
	optind = 0;
	opterr = 0;
}

int ex_args_take(struct ex_args *args, int c, char *const *argv)
{
	switch (c) {
	case 'o':
		args->dir = optarg;
		return 0;
	case 'p':
		return ex_settings_profile(&args->settings, optarg);
	case 's':
		return ex_settings_set(&args->over, optarg, args->command);
	case 'j':
		args->is_json = 1;
		return 0;
	case 'h':
		args->help();
		args->is_help = 1;
		return 0;
	default:
		return ex_args_fail(c, argv, args->command);
	}
}

void ex_args_done(struct ex_args *args)
{
	ex_settings_merge(&args->settings, &args->over);
}

int ex_args_time(const char *option, const char *text, double *seconds)
{
	char *end;
	errno = 0;
	double number = strtod(text, &end);
	double unit = !*end || !strcmp(end, "s") ? 1 : !strcmp(end, "m") ? 60 : !strcmp(end, "h") ? 3600 : 0;
	if (end == text || errno || !unit || !isfinite(number) || number <= 0 || number > 1e8)
		return ex_fail(EX_MSG_BAD_VALUE, option, *text ? text : "\"\"",
			       "write a time above 0, as 90, 90s, 5m or 2h");
	*seconds = number * unit;
	return 0;
}

void ex_args_print_folded(const char *text, int indent, int width)
{
	for (int column = 0; *text;) {
		int word = (int)strcspn(text, " ");
		if (column && column + 1 + word > width) {
			printf("\n%*s", indent, "");
			column = 0;
		}
		printf("%s%.*s", column ? " " : "", word, text);
		column += word + (column > 0);
		text += word;
		text += strspn(text, " ");
	}
	putchar('\n');
}

/* what stands for the value: "yes|no", "off|on", and for a treatment what its table says */
static const char *value_form(const struct ex_option_meta *option)
{
	if (!strcmp(option->type, "flag"))
		return "yes|no";
	if (!strcmp(option->type, "choice")) {
		static char form[64];
		size_t length = strcspn(option->doc, ":"), out = 0;
		for (size_t i = 0; i < length && out < sizeof(form) - 1; i++)
			if (option->doc[i] != ' ')
				form[out++] = option->doc[i];
		form[out] = '\0';
		return form;
	}
	for (const struct ex_option_meta *t = ex_treatments; t->name; t++)
		if (!strcmp(t->name, option->name))
			return t->value;
	return !strcmp(option->name, "seed") || !strcmp(option->name, "host-mappings") ? "N" : "SIZE";
}

void ex_args_print_settings(void)
{
	puts("settings:");
	for (const struct ex_option_meta *o = ex_options; o->name; o++) {
		if (!strcmp(o->name, "out"))
			continue; /* -o says it */
		int width = printf("    %s=%s", o->name, value_form(o));
		const char *doc = !strcmp(o->type, "choice") ? o->doc + strcspn(o->doc, ":") + 1 : o->doc;
		if (width > 20)
			printf("\n%21s", "");
		else
			printf("%*s", 21 - width, "");
		ex_args_print_folded(ex_format("%s%s%s%s", doc + strspn(doc, " "), *o->value ? " (default " : "",
					       o->value, *o->value ? ")" : ""),
				     21, 58);
	}
	printf("\nprofiles: %s\n", ex_settings_profiles());
}
