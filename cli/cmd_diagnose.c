/*
 * cmd_diagnose.c: `exeunt diagnose`: options in, an experiment, its verdict out. See experiment.h.
 */
#include "cmd.h"

#include "args.h"
#include "diagnose.h"
#include "folders.h"
#include "say.h"
#include "text.h"

#include <errno.h>
#include <ftw.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STATUS_UNKNOWN 3
#define RUNS_MAX 100000

static void help(void)
{
	puts("usage: exeunt diagnose [OPTION]... [--] CMD [ARG]...\n"
	     "\n"
	     "Runs CMD several times, first as it is, then with one thing changed at a time, and\n"
	     "names the cause of its bad end with the evidence for it.\n"
	     "\n"
	     "  -n, --runs N             runs of each arm (default 10)\n"
	     "  -t, --timeout TIME       limit of one run: 90, 90s, 5m (default 60s)\n"
	     "  -b, --budget TIME        limit of everything (default 10m)\n"
	     "      --setup CMD          shell command before each run; its output goes to stderr\n"
	     "      --expect-status N    any other exit status of CMD is a bad end\n"
	     "      --expect-output FILE standard output other than FILE is a bad end\n"
	     "      --look-for heap      also where no run ends badly: does the program write beyond\n"
	     "                           blocks of the heap, or use them after it gave them back?\n"
	     "      --expect-same-output standard output other than that of the first run that ends well\n"
	     "                           is a bad end\n"
	     "      --seed N             draws the order of the runs (default: new each time)\n"
	     "  -p, --profile NAME       settings from a profile, for all runs\n"
	     "  -s, --set KEY=VALUE      one setting, for all runs; may be repeated\n"
	     "  -o, --output DIR         where to keep the runs (default: the user's state folder)\n"
	     "  -j, --json               the verdict as JSON\n"
	     "  -h, --help               this text\n"
	     "\n"
	     "Each run has its own trace, temporary folder and LLVM profile, and the same standard\n"
	     "input. The first run's output is shown, that of the others is kept.\n"
	     "\n"
	     "verdicts:");
	for (int v = 0; v < EX_VERDICT_COUNT; v++) {
		printf("  %-23s ", ex_verdicts[v].name);
		ex_args_print_folded(ex_verdicts[v].cause, 26, 60);
	}
	puts("\n"
	     "example: exeunt diagnose -- ./app its arguments\n"
	     "\n"
	     "exit status: 0 a verdict, healthy included; 3 unknown; 130 after Ctrl-C (what was done\n"
	     "is told); 2 wrong usage, 125 exeunt could not observe CMD (runs done before are told),\n"
	     "126 CMD cannot be executed, 127 CMD not found");
}

static int read_number(const char *option, const char *text, unsigned long long least, unsigned long long most,
		       unsigned long long *number)
{
	char *end;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno && *number >= least && *number <= most)
		return 0;
	return ex_fail(EX_MSG_BAD_VALUE, option, *text ? text : "\"\"",
		       ex_format("write a whole number from %llu to %llu", least, most));
}

/* "exeunt" where the shell would find this very file by that name, else its path */
static const char *own_name(void)
{
	char *self = realpath("/proc/self/exe", NULL);
	const char *path = getenv("PATH");
	while (self && path && *path) {
		size_t length = strcspn(path, ":");
		char *found = realpath(ex_format("%.*s/exeunt", (int)length, path), NULL);
		if (found && !strcmp(found, self))
			return "exeunt";
		if (found)
			break; /* another one comes first */
		path += length + (path[length] == ':');
	}
	return self ? self : "exeunt";
}

struct request {
	struct ex_args args;
	unsigned long long runs, seed, expected_status;
	struct ex_bench bench;
	int looks_for_heap;
};

enum { OPT_SETUP = 256, OPT_STATUS, OPT_OUTPUT, OPT_SAME_OUTPUT, OPT_SEED, OPT_LOOK_FOR };

static int take(struct request *request, int c, char *const *argv)
{
	int status;
	switch (c) {
	case 'n':
		return read_number("--runs", optarg, 1, RUNS_MAX, &request->runs);
	case 't':
		return ex_args_time("--timeout", optarg, &request->bench.timeout_s);
	case 'b':
		return ex_args_time("--budget", optarg, &request->bench.budget_s);
	case OPT_SETUP:
		request->bench.setup = optarg;
		return 0;
	case OPT_STATUS:
		status = read_number("--expect-status", optarg, 0, 255, &request->expected_status);
		request->bench.expected_status = (int)request->expected_status;
		return status;
	case OPT_OUTPUT:
		request->bench.expected_output = optarg;
		if (!access(optarg, R_OK))
			return 0;
		return ex_fail(EX_MSG_BAD_VALUE, "--expect-output", optarg,
			       ex_format("name a file that can be read (%s)", strerror(errno)));
	case OPT_LOOK_FOR:
		if (strcmp(optarg, "heap"))
			return ex_fail(EX_MSG_BAD_VALUE, "--look-for", optarg, "what can be looked for is: heap");
		request->looks_for_heap = 1;
		return 0;
	case OPT_SAME_OUTPUT:
		request->bench.expects_same_output = 1;
		return 0;
	case OPT_SEED:
		return read_number("--seed", optarg, 0, ULLONG_MAX, &request->seed);
	default:
		return ex_args_take(&request->args, c, argv);
	}
}

static int read_options(struct request *request, int argc, char **argv)
{
	static const struct option options[] = {EX_ARGS_OPTIONS,
						EX_ARGS_JSON,
						{"runs", required_argument, NULL, 'n'},
						{"timeout", required_argument, NULL, 't'},
						{"budget", required_argument, NULL, 'b'},
						{"setup", required_argument, NULL, OPT_SETUP},
						{"expect-status", required_argument, NULL, OPT_STATUS},
						{"expect-output", required_argument, NULL, OPT_OUTPUT},
						{"expect-same-output", no_argument, NULL, OPT_SAME_OUTPUT},
						{"look-for", required_argument, NULL, OPT_LOOK_FOR},
						{"seed", required_argument, NULL, OPT_SEED},
						{NULL, 0, NULL, 0}};
	struct ex_args *args = &request->args;
	int c, status = 0;
	ex_args_begin(args, "diagnose", help, "probe=on");
	while (!status && !args->is_help && (c = getopt_long(argc, argv, "+:n:t:b:o:p:s:jh", options, NULL)) != -1)
		status = take(request, c, argv);
	if (!status && !args->is_help && optind >= argc)
		status = ex_fail(EX_MSG_NO_COMMAND, "diagnose");
	ex_args_done(args);
	return status;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

int ex_cmd_diagnose(int argc, char **argv)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	struct request request = {
		.runs = 10,
		.seed = ((unsigned long long)now.tv_nsec ^ (unsigned long long)getpid() << 32) % 1000000000,
		.bench = {.timeout_s = 60, .budget_s = 600, .expected_status = -1},
	};
	int status = read_options(&request, argc, argv);
	if (status || request.args.is_help)
		return status;
	struct ex_experiment x = {
		.bench = request.bench,
		.settings = &request.args.settings,
		.runs_wanted = (unsigned)request.runs,
		.seed = request.seed,
		.exeunt = own_name(),
		.looks_for_heap = request.looks_for_heap,
	};
	x.bench.argv = argv + optind;
	x.bench.began_s = ex_bench_now_s();
	x.bench.shows_first = !request.args.is_json;
	x.bench.dir = ex_folders_for_runs("diagnose", request.args.dir, argv[optind], &status);
	if (!x.bench.dir)
		return status;
	x.bench.input = ex_stdin_open(ex_format("%s/stdin", x.bench.dir));
	x.bench.place = ex_profraw_place_open(x.bench.argv);
	ex_experiment_do(&x);
	if (!x.bench.first) { /* nothing was run: leave nothing behind */
		nftw(x.bench.dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
		return x.failed ? x.failed : 128 + x.bench.was_interrupted;
	}
	if (request.args.is_json)
		ex_diagnose_json(&x, stdout);
	else
		ex_diagnose_text(&x, stdout, ex_colour(1));
	if (x.failed)
		return x.failed;
	if (x.bench.was_interrupted)
		return 128 + x.bench.was_interrupted;
	return x.verdict == EX_VERDICT_UNKNOWN ? STATUS_UNKNOWN : 0;
}
