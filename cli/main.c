/*
 * main.c: which command is meant. The table below is the list of commands; each lives in its cmd_*.c.
 */
#include "cmd.h"
#include "neighbours.h"
#include "say.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *doc;
} commands[] = {
	{"diagnose", ex_cmd_diagnose, "run CMD several times, with one thing changed at a time, and name the cause"},
	{"run", ex_cmd_run, "run CMD once and leave a trace; the exit status is CMD's own"},
	{"report", ex_cmd_report, "print a trace: what ran at exit, who registered it, how it ended"},
	{"gdb", ex_cmd_gdb, "open gdb on the crash that a trace holds, as if there were a core file"},
	{"rerun", ex_cmd_rerun, "let a stopped copy of a process (setting clone-at) run on, as often as wanted"},
	{"compare", ex_cmd_compare, "the same CMD under several allocators, or two traces, side by side"},
	{"scan", ex_cmd_scan, "what programs, objects, archives and raw profiles tell without being run"},
	{"doctor", ex_cmd_doctor, "what can be observed here, and whether CMD can"},
	{"env", ex_cmd_env, "print the variables that do without exeunt run"},
	{NULL, NULL, NULL},
};

static int help(FILE *out)
{
	fputs("exeunt finds out why a process dies when it ends.\n"
	      "\n"
	      "usage: exeunt COMMAND [OPTION]... [--] [CMD [ARG]...]\n"
	      "\n",
	      out);
	for (const struct command *c = commands; c->name; c++)
		fprintf(out, "  %-10s %s\n", c->name, c->doc);
	fputs("  help       this text, or that of one command: exeunt help run\n"
	      "\n"
	      "exeunt --version prints the version.\n"
	      "\n"
	      "example:\n"
	      "  exeunt diagnose -- ./app            why does it crash at exit?\n"
	      "  exeunt run -o t -- ./app            one run, observed\n"
	      "  exeunt report t                     what happened in it\n"
	      "  exeunt scan ./app                   what is in the file\n"
	      "\n"
	      "exit status: run: CMD's own. diagnose: 0 for a verdict, 3 for none. scan: 0 nothing is\n"
	      "wrong with the files, 1 something is. 2 wrong usage, 125 exeunt itself failed, 126 CMD\n"
	      "cannot be executed, 127 CMD not found.\n",
	      out);
	return 0;
}

static const struct command *find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/* a closed stdout or stderr must not become the number of a trace file. Writing to it goes on failing, so that a report
 * that nobody gets is an error, and the command still finds it closed */
static void fill_closed_descriptors(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
			return;
}

static int dispatch(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	if (!name) {
		help(stderr);
		return 2;
	}
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		printf("exeunt %s\n", EXEUNT_VERSION);
		return 0;
	}
	int is_help = !strcmp(name, "help");
	if (is_help && argc > 2 && *argv[2] == '-')
		return help(stdout);
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || (is_help && argc == 2))
		return help(stdout);
	const struct command *command = find(is_help ? argv[2] : name);
	if (!command)
		return *name == '-' ? ex_fail(EX_MSG_UNKNOWN_OPTION, name, "help")
				    : ex_fail(EX_MSG_UNKNOWN_COMMAND, is_help ? argv[2] : name);
	if (is_help) {
		static char option[] = "--help";
		char *const words[] = {argv[2], option, NULL};
		return command->run(2, (char **)words);
	}
	return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
	fill_closed_descriptors();
	/* no command: a copy of ourselves that compare starts under another allocator */
	int is_measuring = argc == 3 && !strcmp(argv[1], EX_NEIGHBOURS_WORD);
	int status = is_measuring ? ex_neighbours_main(argv[2]) : dispatch(argc, argv);
	/* whatever a command found: what could not be written, nobody learns */
	errno = 0;
	if (fflush(stdout) || ferror(stdout))
		status = ex_fail(EX_MSG_OUR_FAILURE, "cannot write to standard output",
				 errno ? strerror(errno) : "an earlier write failed");
	/* We inherit whatever the command is to be run under, such as a preloaded allocator that destroys its heap at
	 * exit; it kills libdw's destructors as it kills the command. They have nothing to do that we need. */
	_exit(status);
}
