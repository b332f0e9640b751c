/*
 * expect: "sound": heap_storm THREADS ROUNDS [CHILDREN [stay]]. Threads allocate, grow, hand over and free blocks and look
 * at every byte; children are forked meanwhile, which allocate and leave. stay: no thread ends before the process.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS 64
static _Atomic(unsigned char *) slots[SLOTS];
static int rounds, stay;
static atomic_int bad;
static pthread_barrier_t done;

/* the first word is the length, all other bytes its low byte */
static unsigned char *make(size_t bytes)
{
	unsigned char *block = malloc(bytes);
	if (!block)
		return NULL;
	memcpy(block, &bytes, sizeof(bytes));
	memset(block + sizeof(bytes), (int)(bytes & 255), bytes - sizeof(bytes));
	return block;
}

static void check(unsigned char *block)
{
	size_t bytes;
	if (!block)
		return;
	memcpy(&bytes, block, sizeof(bytes));
	for (size_t i = sizeof(bytes); i < bytes; i++)
		if (block[i] != (bytes & 255)) {
			atomic_fetch_add(&bad, 1);
			break;
		}
	free(block);
}

static void *work(void *arg)
{
	unsigned seed = (unsigned)(size_t)arg * 7919 + 1;
	for (int i = 0; i < rounds; i++) {
		seed = seed * 1103515245 + 12345;
		size_t bytes = 16 + (seed >> 8) % ((seed & 63) == 0 ? 300000 : 3000);
		check(atomic_exchange(&slots[(seed >> 16) % SLOTS], make(bytes)));
		char *grown = realloc(calloc(1, 100), 200 + bytes);
		if (grown && (grown[0] || grown[99]))
			atomic_fetch_add(&bad, 1);
		free(grown);
	}
	pthread_barrier_wait(&done);
	while (stay)
		pause();
	return NULL;
}

int main(int argc, char **argv)
{
	int threads = argc > 1 ? atoi(argv[1]) : 4, status = 0;
	pthread_t id[64];
	rounds = argc > 2 ? atoi(argv[2]) : 10000;
	stay = argc > 4;
	pthread_barrier_init(&done, NULL, (unsigned)threads + 1);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&id[i], NULL, work, (void *)(size_t)(i + 1)))
			return 1;
	for (int i = 0; argc > 3 && i < atoi(argv[3]); i++) {
		pid_t pid = fork();
		if (pid == 0) {
			check(make(5000));
			_exit(atomic_load(&bad) != 0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			return 2;
	}
	pthread_barrier_wait(&done);
	for (int i = 0; !stay && i < threads; i++)
		pthread_join(id[i], NULL);
	for (int i = 0; i < SLOTS; i++)
		check(atomic_exchange(&slots[i], NULL));
	puts(atomic_load(&bad) ? "damaged" : "sound");
	return atomic_load(&bad) != 0;
}
