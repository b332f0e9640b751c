/* expect: SIGSEGV. It is refused memory (argument: KiB; RLIMIT_AS allows 24 MiB), goes on without, and dies of something else */
#include "scarce.h"

static int *volatile nothing;

int main(int argc, char **argv)
{
	free(malloc(2000)); /* the heap has room from here on: nothing grows any more */
	scarce(RLIMIT_AS);
	void *volatile block = malloc((size_t)(argc > 1 ? strtoull(argv[1], NULL, 10) : 0) << 10);
	free(block);
	return *nothing;
}
