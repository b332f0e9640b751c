/* expect: exit 0. In a fork child THREADS threads (4) take MIB MiB (8) in small blocks; with a third argument in the parent first, too.
 * The child's status is the program's, 128 and the signal's number where it died of one */
#include <stddef.h>
#include <sys/wait.h>
#include "grow.h"

static size_t bytes_each;

static void *body(void *n)
{
	grow_small(bytes_each, (unsigned)(long)n * 7919 + 1, NULL);
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = grow_argument(argc, argv, 1, 4), status;
	bytes_each = ((size_t)grow_argument(argc, argv, 2, 8) << 20) / (size_t)threads;
	if (argc > 3)
		grow_threads(threads, body);
	pid_t child = fork();
	if (child == 0) {
		grow_threads(threads, body);
		_exit(grow_done() || fflush(stdout));
	}
	if (waitpid(child, &status, 0) != child)
		return 97;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
