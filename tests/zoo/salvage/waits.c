/*
 * expect: exit 0 at the end of standard input: an instrumented program that does what the lines of it say and answers each
 * with one. "count N": counted() N times; "look": what it sees of itself; "wait MS": in poll, nanosleep and read, by turns;
 * "handle SIGNAL", "handled"; "block SIGNAL", "unblock SIGNAL"; "fork", "vfork", "spawn", "exec", "exec-raw", "exec-nothing":
 * another program, or what became of the child; "wall": any child at all; "close": standard output; "drop": root's rights.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
extern char **environ;
static volatile int calls, handled, interrupted;
__attribute__((noinline)) static void counted(void)
{
	calls++;
}
static void on_signal(int signo)
{
	(void)signo;
	handled++;
}
static int entries(const char *path)
{
	int n = 0;
	DIR *dir = opendir(path);
	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n - 2;
}
static void look(void)
{
	int got = waitpid(-1, NULL, WNOHANG);
	printf("threads %d, descriptors %d, wait %s", entries("/proc/self/task"), entries("/proc/self/fd") - 1,
	       got < 0 ? strerror(errno) : "children");
}
static void note(int result)
{
	interrupted += result < 0 && errno == EINTR;
}
/* all three end by time, and not by anything else */
static void wait_for(long ms)
{
	int fds[2];
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	interrupted = 0;
	note(poll(NULL, 0, (int)ms));
	note(nanosleep(&t, NULL));
	if (pipe(fds))
		abort();
	if (!fork()) {
		usleep((useconds_t)ms * 1000);
		_exit(write(fds[1], "x", 1) != 1);
	}
	char c;
	note((int)read(fds[0], &c, 1));
	close(fds[0]);
	close(fds[1]);
	note(wait(NULL));
	printf("interrupted %d", interrupted);
}
static int status_of(int pid)
{
	int status = 0;
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
static void set_mask(int how, int signo)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, signo);
	sigprocmask(how, &set, NULL);
}
static char *self;
static void start(const char *word)
{
	char *argv[] = {self, NULL}, *none[] = {(char *)"/no/such/program", NULL};
	char *signals[] = {(char *)"awk", (char *)"/^Sig(Blk|Ign|Cgt)/ {printf $2 \" \"}", (char *)"/proc/self/status",
			   NULL};
	int pid = 0;
	if (!strcmp(word, "exec")) {
		execv(self, argv);
	} else if (!strcmp(word, "exec-raw")) {
		syscall(SYS_execve, self, argv, environ);
	} else if (!strcmp(word, "exec-nothing")) {
		printf("%d", execv(none[0], none));
	} else if (!strcmp(word, "spawn")) {
		printf("%d", posix_spawnp(&pid, "awk", NULL, NULL, signals, environ) || status_of(pid));
	} else if (!strcmp(word, "vfork")) {
		pid = vfork();
		if (!pid) {
			kill(getpid(), SIGTERM);
			_exit(0);
		}
		printf("%d", status_of(pid));
	} else if (!strcmp(word, "fork")) {
		pid = fork();
		if (!pid) {
			counted();
			kill(getpid(), SIGTERM);
			_exit(0);
		}
		printf("%d", status_of(pid));
	} else {
		printf("what?");
	}
}
static void obey(const char *word, long n)
{
	if (!strcmp(word, "count")) {
		for (long i = 0; i < n; i++)
			counted();
		printf("%d", calls);
	} else if (!strcmp(word, "look")) {
		look();
	} else if (!strcmp(word, "wait")) {
		wait_for(n);
	} else if (!strcmp(word, "handle")) {
		signal((int)n, on_signal);
	} else if (!strcmp(word, "handled")) {
		printf("%d", handled);
	} else if (!strcmp(word, "block")) {
		set_mask(SIG_BLOCK, (int)n);
	} else if (!strcmp(word, "unblock")) {
		set_mask(SIG_UNBLOCK, (int)n);
	} else if (!strcmp(word, "wall")) {
		int got = waitpid(-1, NULL, __WALL | WNOHANG);
		printf("%s", got < 0 ? strerror(errno) : got ? "one" : "none yet");
	} else if (!strcmp(word, "close")) {
		close(1);
	} else if (!strcmp(word, "drop")) {
		printf("%d", setgid(65534) || setuid(65534));
	} else if (!strcmp(word, "end")) {
		kill(getpid(), (int)n);
	} else {
		start(word);
	}
}
int main(int argc, char **argv)
{
	char line[256];
	(void)argc;
	self = argv[0];
	printf("ready %d\n", (int)getpid());
	fflush(stdout);
	for (;;) {
		char word[32] = "";
		long n = 0;
		errno = 0;
		if (!fgets(line, sizeof(line), stdin)) {
			if (errno != EINTR)
				break;
			clearerr(stdin);
			continue;
		}
		if (sscanf(line, "%31s %ld", word, &n) < 1)
			continue;
		obey(word, n);
		printf("\n");
		fflush(stdout);
	}
	return 0;
}
