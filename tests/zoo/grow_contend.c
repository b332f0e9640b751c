/* expect: exit 0. THREADS threads (8) share one arena and take its lock for every block, ROUNDS times (2000) each */
#include <malloc.h>
#include "grow.h"

static int rounds;

/* larger than what a thread caches, so that each malloc and each free takes the lock */
static void *body(void *unused)
{
	for (int i = 0; i < rounds; i++) {
		struct grow_block *blocks = NULL;
		for (size_t k = 0; k < 8; k++)
			if (!(blocks = grow_block(2000 + 1000 * k, blocks)))
				GROW_FAIL("malloc");
		grow_free(blocks);
	}
	return unused;
}

int main(int argc, char **argv)
{
	int threads = grow_argument(argc, argv, 1, 8);
	rounds = grow_argument(argc, argv, 2, 2000);
	if (!mallopt(M_ARENA_MAX, 1))
		GROW_FAIL("mallopt");
	GROW_MARK("begin");
	grow_threads(threads, body);
	return grow_done();
}
