/*
 * cmd_scan.c: `exeunt scan`: what files tell without being run.
 */
#include "cmd.h"

#include "args.h"
#include "say.h"
#include "scan_file.h"
#include "wire.h"

#include <getopt.h>
#include <unistd.h>

static void help(void)
{
	puts("usage: exeunt scan [OPTION]... FILE...\n"
	     "\n"
	     "Says what programs, shared objects, object files, archives (.a, .rlib) and raw LLVM\n"
	     "profiles (.profraw) are, without running anything: the compilers that made them; whether\n"
	     "the profile runtime inside can read all profile records inside, and which parts have\n"
	     "others; allocators; what exeunt could observe. Stripped files too.\n"
	     "\n"
	     "  -r, --records   list each profile record\n"
	     "  -j, --json      as JSON\n"
	     "  -h, --help      this text\n"
	     "\n"
	     "example: exeunt scan ./app libpart.a app.profraw\n"
	     "\n"
	     "exit status: 0 nothing is wrong, 1 something is: records that the runtime misreads or\n"
	     "refuses to write, a damaged profile; 125 a file cannot be read. Of several the largest");
}

static int scan_all(struct ex_scan *scan, char *const *paths)
{
	int worst = EX_SCAN_RIGHT;
	for (; *paths; paths++) {
		int status = ex_scan_file(scan, *paths);
		worst = status > worst ? status : worst;
	}
	return worst;
}

int ex_cmd_scan(int argc, char **argv)
{
	static const struct option options[] = {{"records", no_argument, NULL, 'r'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	struct ex_scan scan = {.out = stdout, .is_coloured = ex_colour(STDOUT_FILENO)};
	struct ex_emit emit;
	int c, is_json = 0;
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":rjh", options, NULL)) != -1) {
		switch (c) {
		case 'r':
			scan.with_records = 1;
			break;
		case 'j':
			is_json = 1;
			break;
		case 'h':
			help();
			return 0;
		default:
			return ex_args_fail(c, argv, "scan");
		}
	}
	if (optind == argc)
		return ex_fail(EX_MSG_NO_FILE);
	if (!is_json)
		return scan_all(&scan, argv + optind);
	scan.emit = &emit;
	ex_emit_begin(&emit, stdout);
	ex_emit_object(&emit, NULL);
	ex_emit_text(&emit, "schema", "exeunt.scan/1");
	ex_emit_text(&emit, "version", EXEUNT_VERSION);
	ex_emit_array(&emit, "files");
	int status = scan_all(&scan, argv + optind);
	ex_emit_end(&emit);
	ex_emit_int(&emit, "status", status);
	ex_emit_end(&emit);
	return status;
}
