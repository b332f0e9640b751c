/* expect: threads-at-exit: a thread works in the pool that a handler unmaps */
#include "late.h"

#include <pthread.h>

static void *work(void *arg)
{
	for (;;)
		store_use();
	return arg;
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
	atexit(let_go);
	atexit(idle_one);
	return pthread_create(&thread, NULL, work, NULL);
}
