/*
 * stdin.c: standard input saved and replayed. See stdin.h. A regular file is opened anew for each run; a pipe is
 * pumped into the first run while it is saved, and later runs get the saved bytes, through a pipe too. Must never
 * wait for input that does not come: a pump ends with its run.
 */
#include "stdin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum source { NOTHING, REGULAR, STREAM };

struct ex_stdin {
	enum source source;
	const char *save_path; /* STREAM */
	off_t offset;	       /* REGULAR: where we were when exeunt began */
	const char *file_path; /* REGULAR: its name, NULL when it has none any more */
	unsigned begun;
	int given_fd;
	/* the pump of the current run */
	pthread_t thread;
	int is_pumping;
	int from_fd, to_fd, save_fd, wake_fds[2];
};

struct ex_stdin *ex_stdin_open(const char *save_path)
{
	struct ex_stdin *input = calloc(1, sizeof(*input));
	struct stat info;
	char name[PATH_MAX];
	if (!input)
		abort();
	input->given_fd = -1;
	input->save_path = strdup(save_path);
	if (fstat(0, &info) || S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode) || S_ISDIR(info.st_mode))
		return input; /* closed, a terminal, /dev/null */
	input->source = S_ISREG(info.st_mode) ? REGULAR : STREAM;
	if (input->source == REGULAR) {
		ssize_t length = readlink("/proc/self/fd/0", name, sizeof(name) - 1);
		input->offset = lseek(0, 0, SEEK_CUR);
		if (input->offset < 0)
			input->offset = 0;
		name[length > 0 ? length : 0] = '\0';
		if (length > 0 && access(name, R_OK) == 0)
			input->file_path = strdup(name);
	}
	return input;
}

/* 0 when the run ended first */
static int wait_for(const struct ex_stdin *input, int fd, short what)
{
	struct pollfd fds[2] = {{.fd = input->wake_fds[0], .events = POLLIN}, {.fd = fd, .events = what}};
	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return 0;
	return !fds[0].revents;
}

static void *pump(void *arg)
{
	struct ex_stdin *input = arg;
	static char bytes[65536];
	while (wait_for(input, input->from_fd, POLLIN)) {
		ssize_t got = read(input->from_fd, bytes, sizeof(bytes));
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			break;
		if (input->save_fd >= 0 && write(input->save_fd, bytes, (size_t)got) != got)
			break; /* a replay that differs is worse than a run without input: end it for this one too */
		ssize_t put = 0;
		while (put < got && wait_for(input, input->to_fd, POLLOUT)) {
			ssize_t now = write(input->to_fd, bytes + put, (size_t)(got - put));
			if (now > 0)
				put += now;
			else if (errno != EAGAIN && errno != EINTR)
				break; /* nobody reads any more */
		}
		if (put < got)
			break;
	}
	close(input->to_fd);
	input->to_fd = -1;
	return NULL;
}

static int start_pump(struct ex_stdin *input)
{
	int fds[2];
	sigset_t all, old;
	if (pipe2(fds, O_CLOEXEC))
		return -1;
	if (pipe2(input->wake_fds, O_CLOEXEC)) {
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	input->to_fd = fds[1];
	/* signals are for the main thread; SIGPIPE becomes EPIPE */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	input->is_pumping = !pthread_create(&input->thread, NULL, pump, input);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!input->is_pumping) {
		close(fds[1]);
		close(input->wake_fds[0]);
		close(input->wake_fds[1]);
	}
	return fds[0];
}

int ex_stdin_begin(struct ex_stdin *input)
{
	int is_first = input->begun++ == 0, fd = -1;
	if (input->source == REGULAR) {
		fd = open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
		if (fd >= 0)
			lseek(fd, input->offset, SEEK_SET);
	} else if (input->source == STREAM) {
		input->save_fd = is_first ? open(input->save_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
		input->from_fd = is_first ? 0 : open(input->save_path, O_RDONLY | O_CLOEXEC);
		if (input->from_fd >= 0)
			fd = start_pump(input);
	}
	input->given_fd = fd >= 0 ? fd : open("/dev/null", O_RDONLY | O_CLOEXEC);
	return input->given_fd;
}

void ex_stdin_end(struct ex_stdin *input)
{
	if (input->is_pumping) {
		/* our copy of the reading end goes first, so that a pump that is writing sees it closed */
		close(input->given_fd);
		close(input->wake_fds[1]);
		pthread_join(input->thread, NULL);
		close(input->wake_fds[0]);
		if (input->from_fd > 0)
			close(input->from_fd);
		if (input->save_fd >= 0)
			close(input->save_fd);
		input->is_pumping = 0;
	} else if (input->given_fd >= 0) {
		close(input->given_fd);
	}
	input->given_fd = -1;
}

const char *ex_stdin_file(const struct ex_stdin *input)
{
	if (input->source == REGULAR)
		return input->offset == 0 ? input->file_path : NULL;
	return input->source == STREAM && input->begun ? input->save_path : NULL;
}
