/* expect: threads-at-exit under an allocator that destroys its heap at exit: a thread allocates all the time */
#include "late.h"

#include <pthread.h>

extern volatile long worker_steps;
int keeper_lingers(void);

static void *work(void *arg)
{
	for (;;) {
		volatile char *block = malloc(100);
		block[0] = 1;
		free((void *)block);
		worker_steps++;
	}
	return arg;
}
int main(void)
{
	pthread_t thread;
	return !keeper_lingers() || pthread_create(&thread, NULL, work, NULL);
}
