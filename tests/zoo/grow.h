/*
 * grow.h: what the growing programs share. Each prints OK and nothing that differs from run to run, and lays a mark
 * round its work: a write to descriptor -1, which fails, touches no memory, and which a log of system calls shows.
 */
#ifndef ZOO_GROW_H
#define ZOO_GROW_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define GROW_MARK(text)                                                                                                \
	do {                                                                                                           \
		if (write(-1, "grow: " text, sizeof("grow: " text) - 1) >= 0)                                          \
			_exit(99);                                                                                     \
	} while (0)

/* says where, and ends with a status that no growing program has otherwise */
#define GROW_FAIL(text)                                                                                                \
	do {                                                                                                           \
		if (write(2, "grow: " text "\n", sizeof("grow: " text "\n") - 1) < 0)                                  \
			_exit(98);                                                                                     \
		_exit(99);                                                                                             \
	} while (0)

struct grow_block {
	struct grow_block *older;
};

/* the address is stored where the compiler cannot follow it: the call of malloc stays */
static inline struct grow_block *grow_block(size_t bytes, struct grow_block *older)
{
	struct grow_block *volatile block = malloc(bytes);
	if (block)
		block->older = older;
	return block;
}

/* small blocks in front of OLDER until there are BYTES more; the first NULL of malloc ends it, and is not kept */
static inline struct grow_block *grow_small(size_t bytes, unsigned seed, struct grow_block *older)
{
	static const unsigned char sizes[] = {64, 96, 112, 240, 144, 80, 128, 192};
	for (size_t got = 0; got < bytes;) {
		seed = seed * 1103515245 + 12345;
		size_t size = sizes[seed >> 16 & 7];
		struct grow_block *block = grow_block(size, older);
		if (!block)
			break;
		older = block;
		got += size;
	}
	return older;
}

static inline void grow_free(struct grow_block *newest)
{
	while (newest) {
		struct grow_block *older = newest->older;
		free(newest);
		newest = older;
	}
}

/* argument N, or the value that the program has without arguments */
static inline int grow_argument(int argc, char **argv, int n, int otherwise)
{
	return argc > n ? atoi(argv[n]) : otherwise;
}

/* runs body(0) … body(COUNT - 1), each in a thread of its own, to their end */
static inline void grow_threads(int count, void *(*body)(void *))
{
	pthread_t *threads = calloc((size_t)count, sizeof *threads);
	for (long i = 0; i < count; i++)
		if (!threads || pthread_create(&threads[i], NULL, body, (void *)i))
			GROW_FAIL("no thread");
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	free(threads);
}

static inline int grow_done(void)
{
	int failed = puts("OK") < 0; /* takes a buffer from the heap */
	GROW_MARK("end");
	return failed;
}

#endif
