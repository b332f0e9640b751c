/*
 * expect: exit 0. RLIMIT_DATA lets heaps be reserved but not made accessible: malloc of THREADS threads (8), whose arenas
 * cannot grow, goes on to other arenas and takes their locks, until each has got NULL for TIMES times (200). Who holds a lock
 * of his own while he grows, and waits for an arena's in the midst of it, hangs here.
 */
#include <errno.h>
#include <malloc.h>
#include <sys/resource.h>
#include "grow.h"

#define ROOM_BYTES (24ul << 20)

static int times;
static pthread_barrier_t barrier; /* a thread could not be made once another has taken all */

static void *body(void *n)
{
	size_t k = (size_t)(long)n;
	struct grow_block *newest = NULL;
	pthread_barrier_wait(&barrier);
	for (int refused = 0; refused < times;) {
		errno = 0;
		struct grow_block *block = grow_block(1500 + k++ % 8 * 500, newest);
		if (block) {
			newest = block;
			continue;
		}
		if (errno != ENOMEM)
			GROW_FAIL("NULL without ENOMEM");
		refused++;
		for (int i = 0; i < 8 && newest; i++) {
			block = newest;
			newest = block->older;
			free(block);
		}
	}
	grow_free(newest);
	return NULL;
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	int threads = grow_argument(argc, argv, 1, 8);
	times = grow_argument(argc, argv, 2, 200);
	GROW_MARK("begin");
	/* fewer than threads: some have the main arena as theirs, and that is where the others go first */
	if (!mallopt(M_ARENA_MAX, (threads + 1) / 2))
		GROW_FAIL("mallopt");
	getrlimit(RLIMIT_DATA, &limit);
	limit.rlim_cur = ROOM_BYTES + (size_t)threads * (8 << 20); /* and the threads' stacks */
	if (pthread_barrier_init(&barrier, NULL, (unsigned)threads) || setrlimit(RLIMIT_DATA, &limit))
		GROW_FAIL("setrlimit");
	grow_threads(threads, body);
	return grow_done();
}
