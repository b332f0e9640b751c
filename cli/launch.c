/*
 * launch.c: runs one command under the library and waits for it. Must never leave the command behind, and never make
 * it see anything of us but two environment variables: same group, terminal, descriptors, signal actions and mask.
 */
#include "launch.h"

#include "await.h"
#include "clones.h"
#include "entries.h"
#include "launcher.h"
#include "library.h"
#include "program.h"
#include "say.h"
#include "settings.h"
#include "tracedir.h"
#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* what the child needs to become the command */
struct plan {
	const struct ex_launch *launch;
	const char *library, *sanitizer, *settings;
	struct ex_launcher launcher;
	struct ex_tracer *tracer;      /* NULL: nothing is watched */
	int is_fixed;		       /* without address randomisation */
	int out_fd, err_fd;	       /* as in launch, or the pipe to it */
	sigset_t mask;		       /* as it was before us */
	struct sigaction child_action; /* SIGCHLD, as it was */
	int start[2];		       /* parent to child: the trace's path, when all is ready */
	int error[2];		       /* child to parent: errno of a failed exec; closed by a good one */
};

/* "KEY=VALUE" of set_env, else our own; NULL when it is unset */
static const char *variable(const struct ex_launch *launch, const char *key)
{
	const char *value = getenv(key);
	size_t length = strlen(key);
	for (char *const *item = launch->set_env; item && *item; item++)
		if (!strncmp(*item, key, length) && ((*item)[length] == '=' || !(*item)[length]))
			value = (*item)[length] ? *item + length + 1 : NULL;
	return value;
}

/* a line of a memory map */
static int is_library(const char *line)
{
	const char *slash = strrchr(line, '/');
	return slash && ex_library_is_name(slash + 1);
}

/* trace of the exeunt that observes this process, NULL when none does. The variable alone says nothing: it stays
 * behind where the outer one does not follow its children */
static const char *outer_trace(void)
{
	const char *options = getenv("EXEUNT"), *trace = NULL;
	char *line = NULL;
	size_t size = 0;
	for (const char *item = options; item && !trace; item = strchr(item, ' ')) {
		item += strspn(item, " ");
		if (!strncmp(item, "out=", 4))
			trace = strndup(item + 4, strcspn(item + 4, " "));
	}
	FILE *maps = trace ? fopen("/proc/self/maps", "re") : NULL;
	if (!maps)
		return NULL;
	int is_mapped = 0;
	while (!is_mapped && getline(&line, &size, maps) >= 0)
		is_mapped = is_library(line);
	fclose(maps);
	free(line);
	return is_mapped ? trace : NULL;
}

#define UNOBSERVED "-" /* what the child is told in place of an absolute path */

static void become_command(const struct plan *plan)
{
	const struct ex_launch *launch = plan->launch;
	const int fds[] = {launch->in_fd, plan->out_fd, plan->err_fd};
	char *path = NULL, *options;
	size_t length = 0, room = 0;
	ssize_t bytes;
	close(plan->start[1]);
	close(plan->error[0]);
	do {
		if (length + 1 >= room && !(path = realloc(path, room += 4096)))
			_exit(125);
		bytes = read(plan->start[0], path + length, room - length - 1);
		if (bytes > 0)
			length += (size_t)bytes;
	} while (bytes > 0 || (bytes < 0 && errno == EINTR));
	if (!length)
		_exit(125);
	path[length] = '\0';
	for (char *const *item = launch->set_env; item && *item; item++)
		putenv(*item); /* glibc: a name without = is taken away */
	int is_bare = !plan->settings || !*plan->settings;
	int is_unobserved = !strcmp(path, UNOBSERVED);
	if (!is_unobserved &&
	    (asprintf(&options, "out=%s%s%s", ex_settings_escape(path), is_bare ? "" : " ",
		      is_bare ? "" : plan->settings) < 0 ||
	     setenv("EXEUNT", options, 1) ||
	     setenv("LD_PRELOAD",
		    ex_library_preload(plan->library, plan->sanitizer, launch->preload, getenv("LD_PRELOAD")), 1)))
		goto failed;
	if (is_unobserved && launch->preload && setenv("LD_PRELOAD", launch->preload, 1))
		goto failed;
	for (int fd = 0; fd < 3; fd++)
		if (fds[fd] >= 0 && fds[fd] != fd && dup2(fds[fd], fd) < 0)
			goto failed;
	if (launch->cwd && chdir(launch->cwd))
		goto failed;
	if (launch->own_group)
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* an experiment has no business without us */
	if (plan->is_fixed)
		personality((unsigned long)personality(0xffffffff) | ADDR_NO_RANDOMIZE);
	sigaction(SIGCHLD, &plan->child_action, NULL);
	sigprocmask(SIG_SETMASK, &plan->mask, NULL);
	execvp(launch->argv[0], launch->argv);
failed:;
	int error = errno;
	if (write(plan->error[1], &error, sizeof(error)) < 0)
		_exit(125);
	_exit(error == ENOENT ? 127 : 126);
}

/* the child waits meanwhile: makes the trace, lets it go, and learns whether it became the command */
static int begin(const struct plan *plan, struct ex_tracedir *dir, pid_t pid)
{
	const struct ex_launch *launch = plan->launch;
	const char *name = strrchr(launch->argv[0], '/');
	char *path = (char *)launch->dir;
	int error = 0, status;
	if (!path && asprintf(&path, "exeunt.%.99s.%d", name ? name + 1 : launch->argv[0], (int)pid) < 0)
		abort();
	status = ex_tracedir_make(dir, path, ex_settings_size(launch->settings, "limit"), launch->may_go_unobserved);
	int is_unobserved = status == EX_TRACEDIR_NONE;
	if (is_unobserved)
		dir->path = UNOBSERVED;
	else if (status) {
		close(plan->start[1]); /* no path: the child gives up by itself */
		return status;
	}
	ex_tracedir_launch(dir, pid, launch->argv);
	size_t length = strlen(dir->path);
	if (write(plan->start[1], dir->path, length) != (ssize_t)length)
		error = errno ? errno : EIO;
	close(plan->start[1]);
	ssize_t bytes;
	do
		bytes = read(plan->error[0], &error, sizeof(error));
	while (bytes < 0 && errno == EINTR);
	if (is_unobserved)
		dir->path = NULL;
	if (!error)
		return 0;
	if (!is_unobserved)
		ex_tracedir_remove(dir);
	if (error == ENOENT || error == ENOTDIR)
		return ex_fail(EX_MSG_NOT_FOUND, launch->argv[0]);
	return ex_fail(EX_MSG_NOT_EXECUTABLE, launch->argv[0], strerror(error));
}

/* what the sandbox will run, seen with the host's files; where it is not found the sandbox itself shall say so */
static int look_inside(const struct ex_launch *launch, const struct ex_launcher *launcher, struct ex_program *program,
		       const char *path)
{
	const char *cwd = launch->cwd;
	if (launcher->cwd) {
		const char *word = launch->argv[launcher->cwd], *value = strchr(word, '=');
		cwd = *word == '-' && value ? value + 1 : word;
	}
	ex_program_examine(program, launch->argv[launcher->command], cwd, path);
	return program->kind == EX_PROGRAM_NOT_FOUND || program->kind == EX_PROGRAM_NOT_EXECUTABLE
		       ? 0
		       : ex_program_refuse(program);
}

/* everything that can be said without starting anything: 0, or the exit status after a message */
static int prepare(const struct ex_launch *launch, struct plan *plan)
{
	static int is_noted;
	struct ex_program program;
	int status = 0;
	const char *outer = outer_trace();
	if (outer)
		return ex_fail(EX_MSG_NESTED, outer);
	const char *path = variable(launch, "PATH");
	int is_launcher = ex_launcher_is(&plan->launcher, launch->argv);
	ex_program_examine(&program, launch->argv[0], launch->cwd, path);
	if (!is_launcher || program.kind != EX_PROGRAM_STATIC)
		status = ex_program_refuse(&program);
	if (status)
		return status;
	plan->launch = launch;
	plan->library = ex_library_or_fail(launch->settings, &status);
	if (!status && is_launcher)
		status = ex_launcher_refuse(&plan->launcher, launch->argv, plan->library, launch->dir);
	if (!status && is_launcher)
		status = look_inside(launch, &plan->launcher, &program, path);
	plan->sanitizer = program.sanitizer;
	plan->settings = ex_entries_fill(launch->settings, &program);
	if (is_launcher && *ex_settings_value(launch->settings, "clone-at"))
		return ex_fail(EX_MSG_CLONE_SANDBOX, plan->launcher.what, plan->launcher.what,
			       ex_settings_value(launch->settings, "clone-at"));
	const char *watch = ex_settings_value(launch->settings, "watch");
	if (is_launcher && *watch)
		return ex_fail(EX_MSG_WATCH_SANDBOX, plan->launcher.what, plan->launcher.what, watch);
	if (!status)
		status = ex_tracer_make(&plan->tracer, launch->settings);
	plan->is_fixed = plan->tracer || !strcmp(ex_settings_value(launch->settings, "aslr"), "off");
	if (!status)
		plan->settings = ex_clone_point(plan->settings, &program, &status);
	if (status)
		return status;
	if (program.has_sanitizer && !is_noted++)
		ex_note(EX_MSG_SANITIZER, program.file);
	if (pipe2(plan->start, O_CLOEXEC) || pipe2(plan->error, O_CLOEXEC))
		return ex_fail(EX_MSG_OUR_FAILURE, "cannot make a pipe; close some files or raise ulimit -n",
			       strerror(errno));
	return 0;
}

/* one pipe where both go into the same file, so that the order of what is written stays */
static void pipe_output(struct plan *plan, struct ex_launcher_pipe *pipes)
{
	struct stat out, err;
	plan->out_fd = plan->out_fd < 0 ? STDOUT_FILENO : plan->out_fd;
	plan->err_fd = plan->err_fd < 0 ? STDERR_FILENO : plan->err_fd;
	int is_same = !fstat(plan->out_fd, &out) && !fstat(plan->err_fd, &err) && out.st_dev == err.st_dev &&
		      out.st_ino == err.st_ino;
	ex_launcher_pipe_begin(&pipes[0], &plan->out_fd);
	if (is_same)
		plan->err_fd = pipes[0].pid ? plan->out_fd : plan->err_fd;
	else
		ex_launcher_pipe_begin(&pipes[1], &plan->err_fd);
}

int ex_launch(const struct ex_launch *launch, struct ex_ending *ending)
{
	struct plan plan = {.out_fd = launch->out_fd, .err_fd = launch->err_fd};
	struct ex_launcher_pipe pipes[2] = {{.fd = -1}, {.fd = -1}};
	struct ex_tracedir dir;
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t signals;
	memset(ending, 0, sizeof(*ending));
	int status = prepare(launch, &plan);
	if (status)
		return status;
	fflush(NULL); /* what is buffered must not be written twice */
	ex_await_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, &plan.mask);
	sigaction(SIGCHLD, &plain, &plan.child_action);
	if (plan.launcher.how == EX_LAUNCHER_HANDS_ON) {
		ending->sandbox = plan.launcher.name;
		pipe_output(&plan, pipes);
	}
	ending->pid = fork();
	if (!ending->pid) {
		if (launch->own_group)
			setpgid(0, 0);
		become_command(&plan);
	}
	close(plan.start[0]);
	close(plan.error[1]);
	if (ending->pid < 0) {
		status = ex_fail(EX_MSG_OUR_FAILURE, "cannot start a process; end others or raise ulimit -u",
				 strerror(errno));
		close(plan.start[1]);
	} else {
		if (launch->own_group)
			setpgid(ending->pid, ending->pid);
		if (plan.tracer)
			status = ex_tracer_attach(plan.tracer, ending->pid);
		if (status)
			close(plan.start[1]); /* no path: the child gives up by itself */
		else
			status = begin(&plan, &dir, ending->pid);
		if (status)
			ex_await_reap(ending->pid);
	}
	close(plan.error[0]);
	if (!status) {
		if (plan.tracer)
			ex_tracer_begin(plan.tracer, &dir);
		ex_await(launch, ending, &signals, plan.tracer);
		if (plan.tracer)
			status = ex_tracer_end(plan.tracer);
		ex_tracedir_waited(&dir, ending->pid, ending->wait_status);
		ex_tracedir_close(&dir);
		ending->dir = dir.path;
		if (dir.path && !launch->keeps_clones)
			ex_clones_end_all(dir.path);
	}
	ex_launcher_pipe_end(&pipes[0]);
	ex_launcher_pipe_end(&pipes[1]);
	ex_await_drain(ending, &signals);
	sigaction(SIGCHLD, &plan.child_action, NULL);
	sigprocmask(SIG_SETMASK, &plan.mask, NULL);
	return status;
}

void ex_exit_as(int wait_status)
{
	fflush(NULL);
	if (WIFSIGNALED(wait_status)) {
		int signo = WTERMSIG(wait_status);
		struct rlimit none = {0, 0};
		struct sigaction plain = {.sa_handler = SIG_DFL};
		sigset_t set;
		/* the command may have left a core file; ours would hide it. A core_pattern that is a pipe ignores the
		 * limit, and heeds the dumpable flag */
		setrlimit(RLIMIT_CORE, &none);
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		sigaction(signo, &plain, NULL);
		sigemptyset(&set);
		sigaddset(&set, signo);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		raise(signo);
		_exit(128 + signo);
	}
	_exit(WEXITSTATUS(wait_status)); /* as main does, and for its reason */
}
