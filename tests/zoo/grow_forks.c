/* expect: exit 0. While four threads grow, the main thread makes ROUNDS (5) children in each of four ways: fork, vfork and
 * exec, posix_spawn, raw clone3. Each child changes its memory a little; the status of each is read */
#include <linux/sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "grow.h"

extern char **environ;
static atomic_int is_over, begun;

static void *body(void *n)
{
	do {
		grow_free(grow_small(1 << 20, (unsigned)(long)n + 1, NULL));
		atomic_store(&begun, 1);
	} while (!atomic_load(&is_over));
	return NULL;
}

/* a copy of a process with threads may hold their locks: only system calls through libc */
static int map_a_little(void)
{
	char *pages = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED || mprotect(pages, 4096, PROT_READ | PROT_WRITE))
		return 1;
	pages[0] = 1;
	return munmap(pages, 8192) ? 1 : 33;
}
static int grow_a_little(void)
{
	struct grow_block *blocks = grow_small(256 << 10, 1, NULL);
	grow_free(blocks);
	return blocks ? map_a_little() : 1;
}

static pid_t by_fork(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(grow_a_little());
	return child;
}
static char *again[] = {"/proc/self/exe", "child", NULL};
static pid_t by_vfork(void)
{
	pid_t child = vfork();
	if (child == 0) {
		execv(again[0], again);
		_exit(2);
	}
	return child;
}
static pid_t by_spawn(void)
{
	pid_t child;
	return posix_spawn(&child, again[0], NULL, NULL, again, environ) ? -1 : child;
}
static pid_t by_clone3(void)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (child == 0)
		_exit(map_a_little());
	return child;
}

static void *make_children(void *rounds)
{
	static pid_t (*const ways[])(void) = {by_fork, by_vfork, by_spawn, by_clone3};
	while (!atomic_load(&begun))
		;
	for (int i = 0; i < (int)(intptr_t)rounds; i++)
		for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
			int status;
			pid_t child = ways[k]();
			if (child < 0 || waitpid(child, &status, 0) != child)
				GROW_FAIL("no child");
			if (status != 33 << 8)
				GROW_FAIL("a child's status");
		}
	atomic_store(&is_over, 1);
	return NULL;
}

static int rounds;
/* the first thread of the five makes the children: growing threads begin before and end after it */
static void *grow_or_fork(void *n)
{
	return n ? body(n) : make_children((void *)(intptr_t)rounds);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "child"))
		_exit(grow_a_little());
	rounds = grow_argument(argc, argv, 1, 5);
	GROW_MARK("begin");
	grow_threads(5, grow_or_fork);
	return grow_done();
}
