/*
 * cmd_report.c: `exeunt report TRACE`. Owns the command line only.
 */
#include "args.h"
#include "cmd.h"
#include "report.h"
#include "say.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

static void help(void)
{
	puts("usage: exeunt report [OPTION]... TRACE\n"
	     "\n"
	     "Prints a trace: how the process ended, what ran from main's end on, who registered it,\n"
	     "how long it took, which memory went away with it, and where it crashed.\n"
	     "\n"
	     "      --pid N         about process N (default: the one that ended badly, else the one\n"
	     "                      that CMD became)\n"
	     "      --sysroot DIR   programs and libraries lie below DIR, for a trace from another\n"
	     "                      machine\n"
	     "      --address A     where address A leads and what happened to it: who mapped what was\n"
	     "                      there, gave it its rights, took it away, and when\n"
	     "      --events        at a crash also the last events of each thread (--json has them)\n"
	     "  -j, --json          as JSON\n"
	     "  -h, --help          this text\n"
	     "\n"
	     "example: exeunt run -o t -- ./app && exeunt report t\n"
	     "\n"
	     "exit status: 0, however CMD ended; 2 wrong usage, 125 not a trace");
}

/* hexadecimal, as a report prints it, with or without 0x */
static int read_address(const char *text, uint64_t *address)
{
	char *end;
	errno = 0;
	*address = strtoull(text, &end, 16);
	return isxdigit((unsigned char)*text) && !*end && !errno;
}

int ex_cmd_report(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"pid", required_argument, NULL, 'p'},
		{"address", required_argument, NULL, 'a'},
		{"events", no_argument, NULL, 'e'},
		{"sysroot", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *pid = NULL, *sysroot = NULL, *wanted = NULL;
	uint64_t address = 0;
	int is_json = 0, shows_events = 0, status = 0, c;
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, ":jh", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			is_json = 1;
			break;
		case 'p':
			pid = optarg;
			break;
		case 'e':
			shows_events = 1;
			break;
		case 'a':
			wanted = optarg;
			break;
		case 's':
			sysroot = optarg;
			break;
		case 'h':
			help();
			return 0;
		default:
			return ex_args_fail(c, argv, "report");
		}
	}
	if (wanted && !read_address(wanted, &address))
		return ex_fail(EX_MSG_BAD_ADDRESS, wanted);
	if (optind == argc)
		return ex_fail(EX_MSG_NO_TRACE);
	if (optind + 1 < argc)
		return ex_fail(EX_MSG_ONE_TRACE, argv[optind + 1]);
	struct ex_trace trace;
	struct ex_processes processes;
	struct ex_report report;
	status = ex_trace_open_or_fail(&trace, argv[optind]);
	if (status)
		return status;
	ex_processes_build(&processes, &trace);
	const struct ex_image *image = ex_processes_choose(&processes, pid, &status);
	if (status)
		return status;
	if (!image) /* only the launcher wrote: the command was never observed */
		return ex_fail(EX_MSG_EMPTY_TRACE, argv[optind]);
	ex_report_build(&report, &processes, image, sysroot);
	report.shows_events = shows_events;
	int is_colour = !is_json && ex_colour(STDOUT_FILENO);
	if (wanted && is_json)
		ex_report_address_json(&report, address, stdout);
	else if (wanted)
		ex_report_address_text(&report, address, stdout, is_colour ? "\033[1m" : "",
				       is_colour ? "\033[0m" : "");
	else if (is_json)
		ex_report_json(&report, stdout);
	else
		ex_report_text(&report, stdout, is_colour);
	return 0;
}
