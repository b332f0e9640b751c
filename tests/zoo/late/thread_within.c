/* expect: threads-at-exit: it dies while the handler that unmapped the pool still runs */
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
	linger_for(&steps);
}
int main(void)
{
	pthread_t thread;
	store_open();
	atexit(let_go);
	atexit(idle_one);
	return pthread_create(&thread, NULL, work, NULL);
}
