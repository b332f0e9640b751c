/* expect: exit 0. THREADS threads (4) take MIB MiB (8) in all in small blocks; "free" as third argument: and give all back */
#include <string.h>
#include "grow.h"

static size_t bytes_each;
static int frees;

static void *body(void *n)
{
	struct grow_block *blocks = grow_small(bytes_each, (unsigned)(long)n * 7919 + 1, NULL);
	if (frees)
		grow_free(blocks);
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = grow_argument(argc, argv, 1, 4);
	bytes_each = ((size_t)grow_argument(argc, argv, 2, 8) << 20) / (size_t)threads;
	frees = argc > 3 && !strcmp(argv[3], "free");
	GROW_MARK("begin");
	grow_threads(threads, body);
	return grow_done();
}
