/* expect: threads-at-exit: a thread calls exit, and it is main that still works in the pool */
#include "late.h"

#include <pthread.h>

static void *leave(void *arg)
{
	exit(arg != NULL);
}
static void let_go(void)
{
	store_unmap();
}
static void linger(void)
{
	linger_for(&steps);
}
int main(void)
{
	pthread_t thread;
	store_open();
	atexit(linger);
	atexit(idle_one);
	atexit(let_go);
	if (pthread_create(&thread, NULL, leave, NULL))
		return 98;
	for (;;)
		store_use();
}
