/* expect: while its exit handler waits, a thread takes three blocks, one of them large, and frees two */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include "mark.h"
static sem_t turn, done, never;
static void *takes(void *unused)
{
	char *volatile blocks[3];
	sem_wait(&turn);
	blocks[0] = malloc(100);
	blocks[1] = malloc(200);
	blocks[2] = malloc(64 << 20);
	free(blocks[0]);
	free(blocks[1]);
	sem_post(&done);
	sem_wait(&never);
	return unused;
}
static void waits(void)
{
	sem_post(&turn);
	sem_wait(&done);
	MARK("waits");
}
int main(void)
{
	pthread_t thread;
	sem_init(&turn, 0, 0);
	sem_init(&done, 0, 0);
	sem_init(&never, 0, 0);
	atexit(waits);
	pthread_create(&thread, NULL, takes, NULL);
	return 0;
}
