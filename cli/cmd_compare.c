/*
 * cmd_compare.c: `exeunt compare`: one run of a command under each allocator, or given traces, side by side.
 */
#include "cmd.h"

#include "args.h"
#include "compare_run.h"
#include "folders.h"
#include "say.h"
#include "settings.h"
#include "text.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define COLUMNS_MAX 6
#define PIPE_WIDTH 160 /* of a line that no terminal limits */

static void help(void)
{
	puts("usage: exeunt compare --allocators LIST [OPTION]... [--] CMD [ARG]...\n"
	     "       exeunt compare [OPTION]... TRACE TRACE...\n"
	     "\n"
	     "Runs CMD once under each allocator and prints the orders of their teardowns side by\n"
	     "side, differences marked; or does so for traces that are there already. At most six.\n"
	     "Where one of them dies, further runs with guard= look for a damaged block of the heap,\n"
	     "and each allocator's part is told: what it has where the program writes.\n"
	     "\n"
	     "  -a, --allocators LIST    names or libraries, with commas: glibc (none is preloaded),");
	printf("                           ");
#define ALLOCATOR(name, version_symbol, base, handler, soname, preload, ...) printf("%s, ", name);
#include "allocators.def"
#undef ALLOCATOR
	puts("/path/to/lib.so\n"
	     "      --look-for heap      looks for a damaged block also where no run dies\n"
	     "  -t, --timeout TIME       limit of one run: 90, 90s, 5m (default 60s)\n"
	     "  -p, --profile NAME       settings from a profile\n"
	     "  -s, --set KEY=VALUE      one setting; may be repeated\n"
	     "  -o, --output DIR         where to keep the traces (default: the user's state folder)\n"
	     "  -j, --json               as JSON\n"
	     "  -h, --help               this text\n"
	     "\n"
	     "example: exeunt compare --allocators glibc,mimalloc,jemalloc -- ./app\n"
	     "\n"
	     "exit status: 0, however CMD ended; 2 wrong usage, 125 a run could not be observed,\n"
	     "126 CMD cannot be executed, 127 CMD not found");
}

static const char *library_of(const char *name)
{
	if (!strcmp(name, "glibc") || !strcmp(name, "none"))
		return NULL;
#define ALLOCATOR(known, version_symbol, base, handler, soname, preload, ...)                                          \
	if (!strcmp(name, known))                                                                                      \
		return preload;
#include "allocators.def"
#undef ALLOCATOR
	return name;
}

/* the dynamic linker says on stderr what it cannot preload, and goes on without; so it is asked about a program that
 * says nothing else */
static int can_preload(const char *library)
{
	char said[512];
	int fds[2], status;
	ssize_t got = 0;
	if (strchr(library, '/'))
		return access(library, R_OK) == 0;
	if (pipe2(fds, O_CLOEXEC))
		return 1;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(fds[1], 2);
		setenv("LD_PRELOAD", library, 1);
		unsetenv("EXEUNT");
		execlp("true", "true", (char *)NULL);
		_exit(0);
	}
	close(fds[1]);
	if (pid > 0) {
		got = read(fds[0], said, sizeof(said));
		waitpid(pid, &status, 0);
	}
	close(fds[0]);
	return got <= 0 || !memmem(said, (size_t)got, "cannot be preloaded", 19);
}

struct request {
	struct ex_args args;
	const char *allocators;
	double timeout_s;
	int looks_for_heap;
};

static int read_options(struct request *request, int argc, char **argv)
{
	static const struct option options[] = {EX_ARGS_OPTIONS,
						EX_ARGS_JSON,
						{"allocators", required_argument, NULL, 'a'},
						{"timeout", required_argument, NULL, 't'},
						{"look-for", required_argument, NULL, 'L'},
						{NULL, 0, NULL, 0}};
	struct ex_args *args = &request->args;
	int c, status = 0;
	ex_args_begin(args, "compare", help, "probe=on");
	while (!status && !args->is_help && (c = getopt_long(argc, argv, "+:a:t:o:p:s:jh", options, NULL)) != -1) {
		if (c == 'a')
			request->allocators = optarg;
		else if (c == 't')
			status = ex_args_time("--timeout", optarg, &request->timeout_s);
		else if (c == 'L' && !strcmp(optarg, "heap"))
			request->looks_for_heap = 1;
		else if (c == 'L')
			status = ex_fail(EX_MSG_BAD_VALUE, "--look-for", optarg, "write heap");
		else
			status = ex_args_take(args, c, argv);
	}
	ex_args_done(args);
	return status;
}

static int terminal_width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	if (columns && atoi(columns) > 0)
		return atoi(columns);
	if (isatty(1) && !ioctl(1, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return isatty(1) ? 80 : PIPE_WIDTH;
}

static int add_column(struct ex_comparison *c, const char *name)
{
	if (c->column_count == COLUMNS_MAX)
		return ex_fail(EX_MSG_TOO_MANY_COLUMNS, name, COLUMNS_MAX);
	c->columns[c->column_count++].name = name;
	return 0;
}

static int one_died(const struct ex_comparison *c)
{
	for (unsigned i = 0; i < c->column_count; i++)
		if (ex_compare_died(&c->columns[i]))
			return 1;
	return 0;
}

static int run_all(struct ex_comparison *c, const struct request *request, char **argv, int *interrupted)
{
	int status = 0;
	char *list = strdup(request->allocators), *save = NULL;
	for (char *name = strtok_r(list, ",", &save); name && !status; name = strtok_r(NULL, ",", &save)) {
		const char *library = library_of(name);
		if (library && !can_preload(library))
			return ex_fail(EX_MSG_NO_ALLOCATOR, library, name);
		status = add_column(c, name);
		if (!status)
			c->columns[c->column_count - 1].preload = library;
	}
	if (!status && !c->column_count)
		return ex_fail(EX_MSG_BAD_VALUE, "--allocators", "\"\"", "name at least one, as glibc,mimalloc");
	struct ex_compare_job job = {.argv = argv,
				     .settings = ex_settings_text(&request->args.settings),
				     .timeout_s = request->timeout_s};
	const char *folder = status ? NULL : ex_folders_for_runs("compare", request->args.dir, argv[0], &status);
	job.folder = folder;
	job.input = status ? NULL : ex_stdin_open(ex_format("%s/stdin", folder));
	job.place = ex_profraw_place_open(argv);
	for (unsigned i = 0; i < c->column_count && !status && !*interrupted; i++) {
		ex_progress("run %u of %u: %s", i + 1, c->column_count, c->columns[i].name);
		if (!i)
			ex_progress(NULL);
		/* the output of all but the first would only be the same again */
		status = ex_compare_run(&c->columns[i], &job, "", i == 0 && !request->args.is_json, interrupted);
		if (*interrupted)
			c->column_count = i + 1;
	}
	if (!status && !*interrupted && (request->looks_for_heap || one_died(c)))
		status = ex_compare_look(c, &job, interrupted);
	ex_progress(NULL);
	if (status && folder && !c->columns[0].dir)
		rmdir(folder);
	return status;
}

int ex_cmd_compare(int argc, char **argv)
{
	struct request request = {.timeout_s = 60};
	struct ex_comparison comparison = {.columns = calloc(COLUMNS_MAX, sizeof(*comparison.columns))};
	if (!comparison.columns)
		abort();
	int interrupted = 0, status = read_options(&request, argc, argv);
	if (status || request.args.is_help)
		return status;
	if (request.looks_for_heap && !request.allocators)
		return ex_fail(EX_MSG_BAD_VALUE, "--look-for", "heap",
			       "traces tell it, or do not; name allocators with --allocators");
	if (optind >= argc)
		return ex_fail(EX_MSG_NO_COMMAND, "compare --allocators glibc,mimalloc");
	if (request.allocators)
		status = run_all(&comparison, &request, argv + optind, &interrupted);
	for (int i = optind; i < argc && !request.allocators && !status; i++) {
		status = add_column(&comparison, argv[i]);
		comparison.columns[comparison.column_count - 1].dir = argv[i];
		if (!status)
			status = ex_compare_read(&comparison.columns[comparison.column_count - 1]);
	}
	if (status)
		return status;
	ex_compare_align(&comparison);
	if (request.args.is_json)
		ex_compare_json(&comparison, stdout);
	else
		ex_compare_text(&comparison, stdout, terminal_width(), ex_colour(1));
	return interrupted ? 128 + interrupted : 0;
}
