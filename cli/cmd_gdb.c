/*
 * cmd_gdb.c: `exeunt gdb TRACE`. Owns the command line, and the temporary files that gdb reads.
 */
#include "args.h"
#include "clones.h"
#include "cmd.h"
#include "core_file.h"
#include "gdb_script.h"
#include "say.h"
#include "text.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void help(void)
{
	puts("usage: exeunt gdb [OPTION]... TRACE [-- GDB-OPTION...]\n"
	     "       exeunt gdb COPY [-- GDB-OPTION...]\n"
	     "\n"
	     "Opens gdb on the crash that a trace holds: registers, stacks, modules where they lay, as\n"
	     "if there were a core file. Of the memory there is what the trace kept: the stack near the\n"
	     "crash, the code round it, and what the program's own files hold. Or attaches gdb to a\n"
	     "stopped copy, with all its memory: COPY is TRACE:N as exeunt run printed it, or the number\n"
	     "of the copy's process. In gdb, exeunt report, exeunt events and exeunt address EXPR print\n"
	     "what exeunt saw.\n"
	     "\n"
	     "      --core FILE     write that core file to FILE and open nothing\n"
	     "      --pid N         about process N (default: as exeunt report)\n"
	     "      --sysroot DIR   programs and libraries lie below DIR\n"
	     "  -h, --help          this text\n"
	     "\n"
	     "example: exeunt gdb t -- -batch -ex bt\n"
	     "         exeunt gdb t:3\n"
	     "\n"
	     "exit status: gdb's own; 2 wrong usage, 125 not a trace, 127 no gdb");
}

struct request {
	const char *trace, *core, *pid, *sysroot;
	char *const *gdb_options;
};

static int open_image(const char *dir, const struct request *request, struct ex_gdb_script *script)
{
	static struct ex_trace trace;
	static struct ex_processes processes;
	int status = ex_trace_open_or_fail(&trace, dir);
	if (status)
		return status;
	ex_processes_build(&processes, &trace);
	script->image = ex_processes_choose(&processes, request->pid, &status);
	if (status)
		return status;
	if (!script->image)
		return ex_fail(EX_MSG_EMPTY_TRACE, dir);
	script->trace = realpath(dir, NULL);
	script->sysroot = request->sysroot;
	return 0;
}

/* TRACE:N, or the number of a process, where that is no directory's name */
static int is_copy(const char *text)
{
	const char *colon = strrchr(text, ':'), *digits = colon ? colon + 1 : text;
	return *digits && digits[strspn(digits, "0123456789")] == '\0' && access(text, F_OK) != 0;
}

static int fail(const char *what)
{
	return ex_fail(EX_MSG_OUR_FAILURE, what, strerror(errno));
}

/* Ctrl-C is gdb's: it interrupts what gdb is doing, and not us */
static int run_gdb(const char *const *argv)
{
	int status;
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	pid_t pid = fork();
	if (pid < 0)
		return fail("cannot start gdb");
	if (!pid) {
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		execvp(argv[0], (char *const *)argv);
		_exit(errno == ENOENT ? 127 : 126);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail("cannot wait for gdb");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return ex_fail(EX_MSG_NO_GDB);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const char *program_file(const struct ex_gdb_script *script)
{
	const struct ex_module *program = ex_image_program(script->image);
	return program ? ex_symbols_file(script->symbols, program) : NULL;
}

/* commands, and core where there is one, are in dir; they go when gdb has ended. where: what gdb is started on */
static int open_gdb(const struct request *request, const struct ex_gdb_script *script, const char *dir,
		    const char *const *where)
{
	const char *commands = ex_format("%s/commands", dir);
	size_t given = 0, n = 0;
	while (request->gdb_options[given])
		given++;
	const char **argv = calloc(given + 8, sizeof(*argv));
	FILE *out = fopen(commands, "we");
	int status = argv && out ? 0 : fail(commands);
	if (out) {
		ex_gdb_script_write(script, out);
		if (fclose(out) && !status)
			status = fail(commands);
	}
	if (!status) {
		argv[n++] = "gdb";
		argv[n++] = "-q";
		while (*where)
			argv[n++] = *where++;
		argv[n++] = "-x";
		argv[n++] = commands;
		memcpy(argv + n, request->gdb_options, given * sizeof(*argv));
		status = run_gdb(argv);
	}
	unlink(commands);
	return status;
}

static char *temporary_folder(void)
{
	const char *temporary = getenv("TMPDIR");
	return mkdtemp(
		(char *)(uintptr_t)ex_format("%s/exeunt-gdb.XXXXXX", temporary && *temporary ? temporary : "/tmp"));
}

static int open_crash(const struct request *request, struct ex_gdb_script *script)
{
	const char *dir = temporary_folder(), *core = ex_format("%s/core", dir ? dir : "");
	const char *where[] = {program_file(script), NULL};
	int status = dir ? 0 : fail("cannot make a temporary folder");
	script->core = script->image->crash ? core : NULL;
	if (!status && script->core && ex_core_file_write(core, script->image, script->symbols))
		status = fail(core);
	if (!status)
		status = open_gdb(request, script, dir, where);
	if (dir) {
		unlink(core);
		rmdir(dir);
	}
	return status;
}

static int open_copy(const struct request *request, struct ex_gdb_script *script)
{
	struct ex_clone_list copies;
	int status = ex_clones_find(&copies, request->trace);
	if (status)
		return status;
	const struct ex_clone *copy = &copies.list[copies.count - 1];
	status = open_image(copy->trace, request, script);
	if (status)
		return status;
	const char *dir = temporary_folder(), *where[] = {"-p", ex_format("%u", copy->slot->pid), NULL};
	if (!dir)
		return fail("cannot make a temporary folder");
	status = open_gdb(request, script, dir, where);
	rmdir(dir);
	return status;
}

static int write_core(const struct request *request, const struct ex_gdb_script *script)
{
	if (!script->image->crash)
		return ex_fail(EX_MSG_OUR_FAILURE,
			       ex_format("%s holds no crash to make a core file of", request->trace),
			       "see: exeunt report");
	return ex_core_file_write(request->core, script->image, script->symbols) ? fail(request->core) : 0;
}

int ex_cmd_gdb(int argc, char **argv)
{
	static const struct option options[] = {
		{"core", required_argument, NULL, 'c'},
		{"pid", required_argument, NULL, 'p'},
		{"sysroot", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct request request = {0};
	struct ex_gdb_script script = {0};
	int c;
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, "+:h", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			request.core = optarg;
			break;
		case 'p':
			request.pid = optarg;
			break;
		case 's':
			request.sysroot = optarg;
			break;
		case 'h':
			help();
			return 0;
		default:
			return ex_args_fail(c, argv, "gdb");
		}
	}
	if (optind == argc)
		return ex_fail(EX_MSG_NO_TRACE);
	request.trace = argv[optind++];
	if (optind < argc && strcmp(argv[optind], "--"))
		return ex_fail(EX_MSG_ONE_TRACE, argv[optind]);
	request.gdb_options = argv + optind + (optind < argc);
	if (is_copy(request.trace) && !request.core)
		return open_copy(&request, &script);
	int status = open_image(request.trace, &request, &script);
	if (status)
		return status;
	script.symbols = ex_symbols_open(script.image, request.sysroot);
	ex_symbols_at(script.symbols, script.image->end_ns);
	return request.core ? write_core(&request, &script) : open_crash(&request, &script);
}
