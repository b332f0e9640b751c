/*
 * cmd_rerun.c: `exeunt rerun`: the command line, and which copy is meant.
 */
#include "cmd.h"

#include "args.h"
#include "rerun.h"
#include "say.h"
#include "text.h"
#include "trace.h"
#include "tracedir.h"

#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#define RUNS_MAX 100000
#define TIMEOUT_S 60

static void help(void)
{
	puts("usage: exeunt rerun [OPTION]... COPY\n"
	     "\n"
	     "Lets a stopped copy of a process, which setting clone-at left, make a process that\n"
	     "goes on where the copy stands, and says how that ended. The copy stays: the same end\n"
	     "can be run as often as wanted. COPY is TRACE:N as exeunt run printed it, TRACE for the\n"
	     "last of its copies, or the number of the copy's process.\n"
	     "\n"
	     "  -n, --runs N          so many times (default 1)\n"
	     "  -t, --timeout TIME    limit of each: 90, 90s, 5m (default 60s)\n"
	     "  -o, --output DIR      trace directory to make for them (default: the copy's own trace)\n"
	     "  -l, --list            list the copies of a trace instead\n"
	     "  -e, --end             end the copy, or all of TRACE, instead\n"
	     "  -j, --json            as JSON; the program's output goes to standard error then\n"
	     "  -h, --help            this text\n"
	     "\n"
	     "A process that goes on has the calling thread alone, its files open at the same place, and\n"
	     "writes to those that it had open for writing. Its standard output and error are ours;\n"
	     "pipes, sockets and terminals are /dev/null.\n"
	     "\n"
	     "example: exeunt run -o t -s clone-at=call:collect -- ./app; exeunt rerun -n 40 t\n"
	     "\n"
	     "exit status: 0 it ran as often as asked, however it ended; 2 wrong usage, 125 no such\n"
	     "copy, or it is gone");
}

static int list(const char *text, int is_json)
{
	struct ex_clone_list clones;
	const char *trace;
	int status = ex_clones_all(&clones, text, &trace);
	if (status)
		return status;
	if (is_json)
		ex_clones_json(&clones, trace, stdout);
	else
		ex_clones_text(&clones, stdout);
	return 0;
}

static int end(const char *text, int is_json)
{
	struct ex_clone_list clones;
	int status = ex_clones_find(&clones, text);
	if (status)
		return status;
	for (size_t n = 0; n < clones.count; n++)
		ex_clone_end(&clones.list[n]);
	if (is_json)
		ex_clones_json(&clones, clones.list[0].trace, stdout);
	return 0;
}

static int rerun(const char *text, struct ex_reruns *reruns, const char *dir, int is_json)
{
	struct ex_clone_list clones;
	struct ex_tracedir made;
	int status = ex_clones_find(&clones, text);
	if (status)
		return status;
	reruns->clone = &clones.list[clones.count - 1];
	if (dir) {
		status = ex_tracedir_make(&made, dir, 0, 0);
		if (status)
			return status;
		ex_tracedir_close(&made);
		reruns->dir = made.path;
	}
	reruns->out_fd = is_json ? STDERR_FILENO : STDOUT_FILENO;
	status = ex_reruns_do(reruns);
	ex_reruns_read(reruns);
	if (is_json)
		ex_reruns_json(reruns, stdout);
	else if (reruns->count)
		ex_reruns_text(reruns, stdout);
	return status ? status : reruns->stopped_by ? 128 + reruns->stopped_by : 0;
}

static int number_of(const char *text, int *number)
{
	uint64_t value;
	const char *rest;
	if (ex_settings_number(text, RUNS_MAX, &value, &rest) || *rest || !value)
		return ex_fail(EX_MSG_BAD_VALUE, "--runs", *text ? text : "\"\"", "write a number from 1 to 100000");
	*number = (int)value;
	return 0;
}

int ex_cmd_rerun(int argc, char **argv)
{
	static const struct option options[] = {
		{"runs", required_argument, NULL, 'n'},	  {"timeout", required_argument, NULL, 't'},
		{"output", required_argument, NULL, 'o'}, {"list", no_argument, NULL, 'l'},
		{"end", no_argument, NULL, 'e'},	  {"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},	  {NULL, 0, NULL, 0},
	};
	struct ex_reruns reruns = {.wanted = 1, .timeout_s = TIMEOUT_S};
	const char *dir = NULL;
	int c, status = 0, is_json = 0, is_list = 0, is_end = 0;
	opterr = 0;
	optind = 0;
	while (!status && (c = getopt_long(argc, argv, ":n:t:o:lejh", options, NULL)) != -1) {
		switch (c) {
		case 'n':
			status = number_of(optarg, &reruns.wanted);
			break;
		case 't':
			status = ex_args_time("--timeout", optarg, &reruns.timeout_s);
			break;
		case 'o':
			dir = optarg;
			break;
		case 'l':
			is_list = 1;
			break;
		case 'e':
			is_end = 1;
			break;
		case 'j':
			is_json = 1;
			break;
		case 'h':
			help();
			return 0;
		default:
			return ex_args_fail(c, argv, "rerun");
		}
	}
	if (status)
		return status;
	if (optind == argc)
		return ex_fail(EX_MSG_NO_CLONE_GIVEN);
	if (optind + 1 < argc)
		return ex_fail(EX_MSG_ONE_TRACE, argv[optind + 1]);
	if (is_list)
		return list(argv[optind], is_json);
	return is_end ? end(argv[optind], is_json) : rerun(argv[optind], &reruns, dir, is_json);
}
