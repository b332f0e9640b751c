/* expect: exit 0. ROUNDS rounds (10) of THREADS threads (8) in two arenas that end all at once with full caches: they
 * wait for arenas, and give pages back, while they leave */
#include <malloc.h>
#include "grow.h"

#define KINDS 64 /* sizes 16 to 1024: what a thread caches, 7 of each */

static pthread_barrier_t barrier;

static void *body(void *unused)
{
	struct grow_block *blocks = NULL, *large = NULL;
	for (int i = 0; i < KINDS * 7; i++)
		if (!(blocks = grow_block((size_t)(i % KINDS + 1) * 16, blocks)))
			GROW_FAIL("malloc");
	for (int i = 0; i < 8; i++)
		if (!(large = grow_block(100 << 10, large)))
			GROW_FAIL("malloc");
	grow_free(large);
	grow_free(blocks);
	pthread_barrier_wait(&barrier);
	return unused;
}

int main(int argc, char **argv)
{
	int threads = grow_argument(argc, argv, 1, 8), rounds = grow_argument(argc, argv, 2, 10);
	if (!mallopt(M_ARENA_MAX, 2) || pthread_barrier_init(&barrier, NULL, (unsigned)threads))
		GROW_FAIL("no barrier");
	GROW_MARK("begin");
	for (int i = 0; i < rounds; i++)
		grow_threads(threads, body);
	return grow_done();
}
