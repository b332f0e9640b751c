/*
 * launcher_pipe.c: output of a sandbox on its way into a file. See launcher.h. Signals are blocked by the caller, so that
 * Ctrl-C does not cut what is still in the pipe.
 */
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#define LATE_MS 3000
#define LOOK_MS 5

static int is_regular(int fd)
{
	struct stat info;
	return !fstat(fd, &info) && S_ISREG(info.st_mode);
}

/* a pipe of our parent's must not stay open because of us */
static void close_others(int from, int to)
{
	dup2(from, STDIN_FILENO);
	dup2(to, STDOUT_FILENO);
	if (!syscall(SYS_close_range, 3, ~0u, 0))
		return;
	for (int fd = 3, end = (int)sysconf(_SC_OPEN_MAX); fd < end; fd++)
		close(fd);
}

/* ends with the last writer, or with us */
__attribute__((noreturn)) static void carry(void)
{
	const int from = STDIN_FILENO, to = STDOUT_FILENO;
	char bytes[65536];
	ssize_t got;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((got = read(from, bytes, sizeof(bytes))) > 0 || (got < 0 && errno == EINTR))
		for (ssize_t at = 0, put; at < got; at += put) {
			put = write(to, bytes + at, (size_t)(got - at));
			if (put < 0 && errno != EINTR)
				_exit(1);
			put = put < 0 ? 0 : put;
		}
	_exit(0);
}

void ex_launcher_pipe_begin(struct ex_launcher_pipe *pipe, int *fd)
{
	int ends[2];
	*pipe = (struct ex_launcher_pipe){.fd = -1};
	if (*fd < 0 || !is_regular(*fd) || pipe2(ends, O_CLOEXEC))
		return;
	pid_t pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		close_others(ends[0], *fd);
		carry();
	}
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return;
	}
	pipe->pid = pid;
	pipe->fd = ends[1];
	*fd = ends[1];
}

void ex_launcher_pipe_end(struct ex_launcher_pipe *pipe)
{
	static const struct timespec pause = {0, LOOK_MS * 1000000L};
	if (!pipe->pid)
		return;
	close(pipe->fd);
	for (int ms = 0; waitpid(pipe->pid, NULL, WNOHANG) == 0; ms += LOOK_MS) {
		if (ms >= LATE_MS)
			kill(pipe->pid, SIGKILL);
		nanosleep(&pause, NULL);
	}
	*pipe = (struct ex_launcher_pipe){.fd = -1};
}
