/*
 * expect: exact counts. Calls each function of C's malloc family as often as is written here, from one thread and from
 * three more, then leaves as told: heap_counts TIMES WAY. TIMES 0 does the same without the calls: the difference of two
 * runs is what is written here, times TIMES.
 */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wunused-result"
#pragma GCC diagnostic ignored "-Walloc-size-larger-than="
static int times;
static void *volatile sink, *volatile none; /* none is NULL, which the compiler must not know */

static void *keep(void *block)
{
	sink = block;
	return block;
}

static void *work(void *arg)
{
	void *block;
	(void)arg;
	for (int t = 0; t < times; t++) {
		for (int i = 0; i < 2; i++)
			free(keep(malloc(100)));
		for (int i = 0; i < 3; i++)
			free(keep(calloc(10, 100)));
		free(keep(realloc(keep(malloc(10)), 20000)));
		free(keep(reallocarray(NULL, 7, 3)));
		for (int i = 0; i < 4; i++)
			if (!posix_memalign(&block, 64, 500))
				free(block);
		for (int i = 0; i < 5; i++)
			free(keep(aligned_alloc(128, 256)));
		for (int i = 0; i < 6; i++)
			free(keep(memalign(256, 3)));
		free(keep(valloc(0)));
		keep(pvalloc(1)); /* never freed: jemalloc has none, so it would free libc's */
		block = malloc(1 << 20);
		for (int i = 0; i < 7; i++)
			sink = (void *)malloc_usable_size(block);
		free(block);
		free(none);
		/* refused ones count too */
		sink = malloc(PTRDIFF_MAX);
		sink = calloc(SIZE_MAX / 2, 3);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t id[3];
	const char *way = argc > 2 ? argv[2] : "return";
	times = argc > 1 ? atoi(argv[1]) : 1;
	work(NULL);
	for (int i = 0; i < 3; i++)
		if (pthread_create(&id[i], NULL, work, NULL))
			return 1;
	for (int i = 0; i < 3; i++)
		pthread_join(id[i], NULL);
	if (!strcmp(way, "_exit"))
		_exit(0);
	if (!strcmp(way, "exit"))
		exit(0);
	if (!strcmp(way, "abort"))
		abort();
	if (!strcmp(way, "kill"))
		kill(getpid(), SIGKILL);
	return 0;
}
