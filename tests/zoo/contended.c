/* expect: exit 0. Eight threads whose every malloc asks the system, with the arena's lock held; with an argument it allows itself
 * so many arenas, whatever the environment says */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_barrier_t barrier;

/* nothing is given back, so that each block is new memory. All come at the same time: the lock is not fair, and left to
 * itself one thread would have it again and again */
static void *body(void *unused)
{
	for (int i = 0; i < 30; i++) {
		pthread_barrier_wait(&barrier);
		if (!malloc(200 << 10))
			_exit(99);
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t threads[8];
	if (argc > 1 && !mallopt(M_ARENA_MAX, atoi(argv[1])))
		return 99;
	mallopt(M_MMAP_THRESHOLD, 16 << 20); /* all in arenas */
	mallopt(M_TOP_PAD, 0);
	pthread_barrier_init(&barrier, NULL, 8);
	for (int i = 0; i < 8; i++)
		if (pthread_create(&threads[i], NULL, body, NULL))
			return 99;
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	return puts("OK") < 0;
}
