/* expect: exit 0. As grow_threads, with a handler of the program's own for faults, which would end it with status 3 */
#include <signal.h>
#include <stddef.h>
#include "grow.h"

static size_t bytes_each;

static void *body(void *n)
{
	grow_small(bytes_each, (unsigned)(long)n * 7919 + 1, NULL);
	return NULL;
}

static void on_fault(int signo)
{
	(void)signo;
	_exit(3);
}

int main(int argc, char **argv)
{
	struct sigaction act = {.sa_flags = SA_ONSTACK};
	int threads = grow_argument(argc, argv, 1, 4);
	bytes_each = ((size_t)grow_argument(argc, argv, 2, 8) << 20) / (size_t)threads;
	act.sa_handler = on_fault;
	sigaction(SIGSEGV, &act, NULL);
	GROW_MARK("begin");
	grow_threads(threads, body);
	return grow_done();
}
