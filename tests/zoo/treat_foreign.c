/* expect: abort in free: a block of another allocator's. "resize": realloc of it. Where such calls are left out: exit 0,
 * after a million others that are not */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "mark.h"

#define THREADS 4
#define BLOCKS 1000

/* a program's own allocator, of which its libraries know nothing */
static char room[1 << 16] __attribute__((aligned(16)));
static char *volatile own_block = room + 4096;

static void *make(unsigned kind, size_t bytes)
{
	void *block = NULL;
	switch (kind % 6) {
	case 0:
		return calloc(1, bytes);
	case 1:
		return aligned_alloc(64, (bytes + 63) / 64 * 64);
	case 2:
		return posix_memalign(&block, 256, bytes) ? NULL : block;
	case 3:
		return strdup("text");
	case 4:
		return reallocarray(NULL, bytes, 1);
	}
	return malloc(bytes);
}

static void *work(void *arg)
{
	static __thread void *blocks[BLOCKS];
	unsigned random = (unsigned)(uintptr_t)arg + 1;
	for (int i = 0; i < 1000000 / THREADS; i++) {
		random = random * 1103515245 + 12345;
		unsigned n = random >> 8, slot = n % BLOCKS;
		if (n & 1024) {
			blocks[slot] = realloc(blocks[slot], 1 + n % 3000);
		} else {
			free(blocks[slot]);
			blocks[slot] = make(n >> 3, 1 + n % 3000);
		}
		if (!blocks[slot])
			return arg;
	}
	for (int i = 0; i < BLOCKS; i++)
		free(blocks[i]);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	(void)argv;
	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i))
			return 1;
	for (int i = 0; i < THREADS; i++) {
		void *failed = NULL;
		pthread_join(threads[i], &failed);
		if (failed)
			return 2;
	}
	MARK("own");
	if (argc == 1) {
		free(own_block);
	} else if (realloc(own_block, 100000) || errno != ENOMEM) {
		return 3;
	}
	MARK("foreign");
	return 0;
}
