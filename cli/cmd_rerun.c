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

#include <ctype.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static int is_folder(const char *path)
{
	struct stat info;
	return !stat(path, &info) && S_ISDIR(info.st_mode);
}

static int is_digits(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

/* "1, 2, 3" */
static const char *numbers(const struct ex_clone_list *clones)
{
	const char *text = "";
	for (size_t n = 0; n < clones->count; n++)
		text = ex_format("%s%s%u%s", text, *text ? ", " : "", clones->list[n].slot->number,
				 clones->list[n].waits ? "" : " (gone)");
	return *text ? text : "none";
}

/* COPY is TRACE or TRACE:N: number 0 then says none */
static const char *trace_of(const char *text, uint32_t *number)
{
	const char *colon = strrchr(text, ':');
	*number = 0;
	if (is_folder(text) || !colon || !is_digits(colon + 1))
		return text;
	*number = (uint32_t)strtoul(colon + 1, NULL, 10);
	return ex_format("%.*s", (int)(colon - text), text);
}

static int read_trace(struct ex_clone_list *clones, const char *trace)
{
	struct ex_trace opened;
	int status = ex_trace_open_or_fail(&opened, trace);
	if (!status)
		ex_clones_read(clones, realpath(trace, NULL));
	return status;
}

/* all that COPY names, those that wait; 0, or the exit status after a message */
static int find(struct ex_clone_list *clones, const char *text)
{
	uint32_t number;
	struct ex_clone *one = calloc(1, sizeof(*one));
	const char *trace = trace_of(text, &number);
	if (!one)
		abort();
	if (is_digits(text) && !is_folder(text)) {
		*clones = (struct ex_clone_list){one, 1};
		return ex_clones_of_pid(one, (pid_t)strtoul(text, NULL, 10))
			       ? 0
			       : ex_fail(EX_MSG_CLONE_GONE, ex_format("process %s", text),
					 "no such process, or another");
	}
	struct ex_clone_list all;
	int status = read_trace(&all, trace);
	*clones = (struct ex_clone_list){calloc(all.count + 1, sizeof(*clones->list)), 0};
	if (status)
		return status;
	for (size_t n = 0; n < all.count; n++) {
		if (number && all.list[n].slot->number == number && !all.list[n].waits)
			return ex_fail(EX_MSG_CLONE_GONE, text, "it was ended, or its time was over");
		if (all.list[n].waits && (!number || all.list[n].slot->number == number))
			clones->list[clones->count++] = all.list[n];
	}
	if (clones->count)
		return 0;
	return number ? ex_fail(EX_MSG_NO_CLONE, ex_format("%u", number), trace, numbers(&all))
		      : ex_fail(EX_MSG_NO_CLONES, trace);
}

static int list(const char *text, int is_json)
{
	uint32_t number;
	struct ex_clone_list clones;
	const char *trace = trace_of(text, &number);
	int status = read_trace(&clones, trace);
	if (status)
		return status;
	if (is_json)
		ex_clones_json(&clones, realpath(trace, NULL), stdout);
	else
		ex_clones_text(&clones, stdout);
	return 0;
}

static int end(const char *text, int is_json)
{
	struct ex_clone_list clones;
	int status = find(&clones, text);
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
	int status = find(&clones, text);
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
