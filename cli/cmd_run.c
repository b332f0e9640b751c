/*
 * cmd_run.c: `exeunt run`: one command, observed; our exit is its exit. Must print nothing that the command alone
 * would not print, unless somebody sits at a terminal or asked for it.
 */
#include "cmd.h"

#include "args.h"
#include "clones.h"
#include "launch.h"
#include "profiles.h"
#include "say.h"
#include "settings.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void help(void)
{
	puts("usage: exeunt run [OPTION]... [--] CMD [ARG]...\n"
	     "\n"
	     "Runs CMD under observation and leaves a trace of how it ended. Its input, output and\n"
	     "exit status are its own.\n"
	     "\n"
	     "  -o, --output DIR      trace directory to make (default exeunt.CMD.PID)\n"
	     "  -p, --profile NAME    settings from a profile, or from a file when NAME has a slash\n"
	     "  -s, --set KEY=VALUE   one setting; may be repeated, and beats a profile\n"
	     "  -v, --verbose         say where the trace and a salvaged profile are, also when stderr\n"
	     "                        is no terminal\n"
	     "  -h, --help            this text\n");
	ex_args_print_settings();
	puts("\n"
	     "example: exeunt run -o t -- ./app --its-option && exeunt report t\n"
	     "\n"
	     "exit status: CMD's own, by its signal if it died of one; 2 wrong usage, 125 exeunt\n"
	     "could not observe CMD, 126 CMD cannot be executed, 127 CMD not found");
}

static void say_where(const struct ex_ending *ending)
{
	const char *name = strrchr(ending->dir, '/');
	char cwd[4096];
	/* the short name when it lies in the working directory */
	int is_here = name && getcwd(cwd, sizeof(cwd)) && strlen(cwd) == (size_t)(name - ending->dir) &&
		      !strncmp(cwd, ending->dir, strlen(cwd));
	const char *dir = is_here ? name + 1 : ending->dir;
	fprintf(stderr, "exeunt: trace in %s; read it with: exeunt report %s\n", dir, dir);
}

/* every process has files of its own, one an object: the first is named, the others are counted */
static void say_salvaged(const struct ex_ending *ending)
{
	struct ex_trace trace;
	struct ex_processes processes;
	const char *first = NULL, *why;
	unsigned files = 0;
	if (ex_trace_open(&trace, ending->dir, &why) != EX_TRACE_OK)
		return;
	ex_processes_build(&processes, &trace);
	for (size_t i = 0; i < processes.count; i++) {
		struct ex_profiles profiles;
		ex_profiles_build(&profiles, &processes.images[i]);
		for (size_t n = 0; n < profiles.count; n++) {
			const struct ex_event *kept = profiles.list[n].kept;
			files += kept != NULL;
			if (kept && !first)
				first = kept->tail[0].bytes;
		}
	}
	if (files > 1)
		fprintf(stderr, "exeunt: profile salvaged to %s and %u more\n", first, files - 1);
	else if (files)
		fprintf(stderr, "exeunt: profile salvaged to %s\n", first);
	else
		fprintf(stderr, "exeunt: the trace tells of no salvaged profile; the report says why\n");
}

int ex_cmd_run(int argc, char **argv)
{
	static const struct option options[] = {EX_ARGS_OPTIONS,
						{"verbose", no_argument, NULL, 'v'},
						{NULL, 0, NULL, 0}};
	struct ex_launch launch = {.in_fd = -1, .out_fd = -1, .err_fd = -1, .may_go_unobserved = 1, .keeps_clones = 1};
	struct ex_ending ending;
	struct ex_args args;
	int c, status = 0, is_verbose = isatty(STDERR_FILENO);
	ex_args_begin(&args, "run", help, "");
	while (!status && !args.is_help && (c = getopt_long(argc, argv, "+:o:p:s:vh", options, NULL)) != -1) {
		if (c == 'v')
			is_verbose = 1;
		else
			status = ex_args_take(&args, c, argv);
	}
	if (status || args.is_help)
		return status;
	if (optind >= argc)
		return ex_fail(EX_MSG_NO_COMMAND, "run");
	ex_args_done(&args);
	launch.dir = args.dir;
	launch.settings = ex_settings_text(&args.settings);
	launch.argv = argv + optind;
	status = ex_launch(&launch, &ending);
	if (status)
		return status;
	if (is_verbose && ending.dir)
		say_where(&ending);
	if (ending.dir && *ex_settings_value(launch.settings, "clone-at"))
		ex_clones_after(&ending, ex_settings_value(launch.settings, "clone-at"), is_verbose);
	if (is_verbose && ending.dir && ex_salvage_asked(launch.settings))
		say_salvaged(&ending);
	ex_exit_as(ending.wait_status);
}
