/*
 * watchful: looks at all by which a program could notice that a copy of it was made: children and their signals, waits in
 * another thread, descriptors, errno, the signal mask, what is pending, a pipe's other end, a lock on a file, the place in a
 * file that is being read. Ten times step(), which grows (a large block), makes a page executable and unmaps it.
 *
 *     watchful [abort|kill|status]    how it ends; default: well
 *
 * Expected: the same lines whatever is done at growth, map-exec, unmap-exec, entries of step, main's end; a fact that does
 * not hold says "NOT".
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t children;
static volatile int is_waiting;

static void on_child(int signo)
{
	(void)signo;
	children++;
}

static void fact(const char *what, int holds)
{
	printf("%s%s\n", holds ? "" : "NOT ", what);
}

static int descriptors(void)
{
	int count = 0;
	DIR *list = opendir("/proc/self/fd");
	while (list && readdir(list))
		count++;
	if (list)
		closedir(list);
	return count;
}

extern void step(void);
__attribute__((noinline)) void step(void)
{
	void *block = malloc(300000);
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!block || page == MAP_FAILED || mprotect(page, 4096, PROT_READ | PROT_EXEC) || munmap(page, 4096))
		abort();
	free(block);
}

/* for the child that sleeps below: no other may come in between */
static void *wait_for_child(void *pid)
{
	int status;
	is_waiting = 1;
	pid_t got = waitpid(-1, &status, 0);
	return (void *)(long)(got == *(pid_t *)pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static int is_same(const sigset_t *a, const sigset_t *b)
{
	int same = 1;
	for (int signo = 1; signo < 65; signo++)
		same &= sigismember(a, signo) == sigismember(b, signo);
	return same;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_child};
	char name[] = "watchful.XXXXXX", bytes[8];
	int go[2], end[2], file = mkstemp(name), status;
	sigset_t mask, mask_after, pending;
	pthread_t thread;
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGCHLD, &action, NULL);
	if (file < 0 || write(file, "0123456789", 10) != 10 || lseek(file, 2, SEEK_SET) != 2 || flock(file, LOCK_EX) ||
	    pipe(go) || pipe(end))
		return 1;
	/* a child that ends when it is told, and a pipe that only we hold open */
	pid_t child = fork();
	if (!child) {
		close(go[1]);
		_exit(read(go[0], bytes, 1) == 0 ? 7 : 1);
	}
	pthread_create(&thread, NULL, wait_for_child, &child);
	while (!is_waiting)
		usleep(1000);
	int before = descriptors();
	sigprocmask(SIG_BLOCK, NULL, &mask);
	errno = 77;
	int is_errno = 1;
	for (int n = 0; n < 10; n++) {
		step();
		is_errno &= errno == 77;
	}
	fact("errno stays", is_errno);
	fact("descriptors stay", descriptors() == before);
	sigprocmask(SIG_BLOCK, NULL, &mask_after);
	fact("the mask stays", is_same(&mask, &mask_after));
	fact("nothing is pending", !sigpending(&pending) && sigisemptyset(&pending));
	fact("no SIGCHLD", children == 0);
	close(go[1]);
	void *is_right;
	pthread_join(thread, &is_right);
	fact("the thread met our child and no other", is_right != NULL);
	fact("one SIGCHLD", children == 1);
	step();
	fact("waitpid: no child", waitpid(-1, &status, WNOHANG) < 0 && errno == ECHILD);
	fact("with __WALL: none either", waitpid(-1, &status, WNOHANG | __WALL) < 0 && errno == ECHILD);
	/* a copy that held the other end would keep us waiting */
	close(end[1]);
	struct pollfd poll_end = {end[0], POLLIN, 0};
	fact("the pipe hangs up", poll(&poll_end, 1, 0) == 1 && (poll_end.revents & POLLHUP));
	fact("the file is where it was", read(file, bytes, 3) == 3 && !memcmp(bytes, "234", 3));
	close(file);
	file = open(name, O_RDONLY);
	fact("its lock went with it", file >= 0 && !flock(file, LOCK_EX | LOCK_NB));
	unlink(name);
	if (argc > 1 && !strcmp(argv[1], "abort"))
		abort();
	if (argc > 1 && !strcmp(argv[1], "kill"))
		raise(SIGKILL);
	return argc > 1 ? 3 : 0;
}
