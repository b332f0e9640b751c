/* expect: exit 0. Eight threads that reallocate; with an argument it allows itself so many arenas, whatever the environment says */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES (256 << 10)

/* a block that cannot grow in place is copied with the arena's lock held. The sleep lets another thread have the lock: it
 * is not fair, and without that one thread would keep it */
static void *body(void *unused)
{
	for (int i = 0; i < 200; i++) {
		char *block = malloc(BYTES), *fence = malloc(BYTES), *moved;
		memset(block, i, BYTES);
		moved = realloc(block, 2 * BYTES);
		if (!moved || !fence || moved[BYTES - 1] != (char)i)
			_exit(99);
		free(moved);
		free(fence);
		usleep(10);
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[8];
	if (argc > 1 && !mallopt(M_ARENA_MAX, atoi(argv[1])))
		return 99;
	mallopt(M_MMAP_THRESHOLD, 16 << 20); /* all in arenas */
	for (int i = 0; i < 8; i++)
		if (pthread_create(&threads[i], NULL, body, NULL))
			return 99;
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	return puts("OK") < 0;
}
