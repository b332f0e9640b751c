/*
 * args.c: what all commands say about their command line. See args.h.
 */
#include "args.h"

#include "meta.h"
#include "say.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ex_args_fail(int c, char *const *argv, const char *command)
{
	char *name;
	/* a short option leaves its letter in optopt, a long one (or an unknown word) stands before optind */
	if (optopt && isgraph(optopt) && strncmp(argv[optind - 1], "--", 2) != 0) {
		if (asprintf(&name, "-%c", optopt) < 0)
			abort();
	} else {
		name = argv[optind - 1];
	}
	return ex_fail(c == ':' ? EX_MSG_NO_VALUE : EX_MSG_UNKNOWN_OPTION, name, command);
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

void ex_args_print_settings(void)
{
	for (const struct ex_option_meta *o = ex_options; o->name; o++) {
		if (!strcmp(o->name, "out"))
			continue; /* -o says it */
		char form[32];
		snprintf(form, sizeof(form), "%s=%s", o->name,
			 !strcmp(o->type, "flag")    ? "yes|no"
			 : !strcmp(o->type, "size")  ? "SIZE"
			 : !strcmp(o->name, "flush") ? "POINT"
			 : !strcmp(o->name, "skip")  ? "HANDLER"
						     : "...");
		if (!strcmp(o->type, "choice")) {
			int length = (int)strcspn(o->doc, ":"), out = snprintf(form, sizeof(form), "%s=", o->name);
			for (int i = 0; i < length && out < (int)sizeof(form) - 1; i++)
				if (o->doc[i] != ' ')
					form[out++] = o->doc[i];
			form[out] = '\0';
		}
		const char *doc = !strcmp(o->type, "choice") ? o->doc + strcspn(o->doc, ":") + 1 : o->doc;
		printf("    %-16s ", form);
		char *text;
		if (asprintf(&text, "%s%s%s%s", doc + strspn(doc, " "), *o->value ? " (default " : "", o->value,
			     *o->value ? ")" : "") < 0)
			abort();
		ex_args_print_folded(text, 21, 58);
	}
}
