/*
 * cmd_env.c: `exeunt env`: the variables that make any program observed, for `eval` in a shell or a service file.
 * Starts nothing and makes nothing: the library makes the trace directory when the first program comes.
 */
#include "cmd.h"

#include "args.h"
#include "emit.h"
#include "library.h"
#include "say.h"
#include "settings.h"
#include "text.h"
#include "tracedir.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_DIR "exeunt.trace"

static void help(void)
{
	puts("usage: exeunt env [OPTION]...\n"
	     "\n"
	     "Prints the variables that make programs observed without exeunt run, as a line for\n"
	     "sh. All programs that see them write into one trace.\n"
	     "\n"
	     "  -o, --output DIR      trace directory, made by the first program (default\n"
	     "                        " DEFAULT_DIR " in the working directory)\n"
	     "  -p, --profile NAME    settings from a profile, or from a file when NAME has a slash\n"
	     "  -s, --set KEY=VALUE   one setting; may be repeated, and beats a profile\n"
	     "  -j, --json            as JSON\n"
	     "  -h, --help            this text\n");
	ex_args_print_settings();
	puts("\n"
	     "example: (eval \"$(exeunt env -o t)\"; ./server) && exeunt report t");
}

static const char *absolute(const char *path)
{
	const char *cwd = *path == '/' ? NULL : getcwd(NULL, 0);
	return cwd ? ex_format("%s/%s", cwd, path) : path;
}

/* a directory of something else would be filled with our files: 0, or the exit status after a message */
static int check_dir(const char *dir)
{
	if (access(dir, F_OK) || !access(ex_format("%s/.ledger", dir), F_OK))
		return 0;
	return ex_tracedir_is_empty(dir) ? 0 : ex_fail(EX_MSG_TRACE_EXISTS, dir);
}

/* for sh: 'it'\''s' */
static void print_quoted(const char *text)
{
	putchar('\'');
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
	putchar('\'');
}

static int print(const char *dir, const char *settings, int is_json)
{
	int status = 0;
	const char *library = ex_library_or_fail(settings, &status);
	if (status)
		return status;
	const char *options = ex_format("out=%s%s%s", ex_settings_escape(dir), *settings ? " " : "", settings);
	const char *preload = ex_library_preload(library, NULL, NULL, getenv("LD_PRELOAD"));
	if (is_json) {
		struct ex_emit emit;
		ex_emit_begin(&emit, stdout);
		ex_emit_object(&emit, NULL);
		ex_emit_text(&emit, "schema", "exeunt.env/1");
		ex_emit_text(&emit, "library", library);
		ex_emit_bytes(&emit, "trace", dir, strlen(dir));
		ex_emit_object(&emit, "variables");
		ex_emit_bytes(&emit, "LD_PRELOAD", preload, strlen(preload));
		ex_emit_bytes(&emit, "EXEUNT", options, strlen(options));
		ex_emit_end(&emit);
		ex_emit_end(&emit);
	} else {
		fputs("export LD_PRELOAD=", stdout);
		print_quoted(preload);
		fputs(" EXEUNT=", stdout);
		print_quoted(options);
		putchar('\n');
	}
	return 0;
}

int ex_cmd_env(int argc, char **argv)
{
	static const struct option options[] = {EX_ARGS_OPTIONS, EX_ARGS_JSON, {NULL, 0, NULL, 0}};
	struct ex_args args;
	int c, status = 0;
	ex_args_begin(&args, "env", help, "");
	while (!status && !args.is_help && (c = getopt_long(argc, argv, "+:o:p:s:jh", options, NULL)) != -1)
		status = ex_args_take(&args, c, argv);
	if (status || args.is_help)
		return status;
	if (optind < argc)
		return ex_fail(EX_MSG_UNKNOWN_OPTION, argv[optind], "env");
	ex_args_done(&args);
	/* only a launcher knows the file to look the name up in */
	const char *settings = ex_settings_text(&args.settings), *point = ex_settings_value(settings, "clone-at");
	if (!strncmp(point, "call:", 5) && !strstr(point, "+0x"))
		return ex_fail(EX_MSG_BAD_VALUE, "-s clone-at", point,
			       "here the function needs its place: call:MODULE+0xOFFSET, which nm shows; exeunt run "
			       "looks the name up");
	static const char *const launchers[] = {"watch", "watch-by", "aslr"};
	for (size_t n = 0; n < sizeof(launchers) / sizeof(*launchers); n++)
		if (strcmp(ex_settings_value(settings, launchers[n]), ex_settings_value("", launchers[n])) != 0)
			return ex_fail(EX_MSG_WATCH_ENV, launchers[n], launchers[n]);
	const char *dir = absolute(args.dir ? args.dir : DEFAULT_DIR);
	status = check_dir(dir);
	return status ? status : print(dir, settings, args.is_json);
}
