/* expect: unknown: a thread dies of a null pointer of its own while handlers run; one of them unmaps the pool */
#include "late.h"

#include <pthread.h>
#include <stdatomic.h>

static int *volatile nothing;
static atomic_int is_time;

static void *work(void *arg)
{
	while (!is_time)
		;
	*nothing = 1;
	return arg;
}
static void let_go(void)
{
	store_unmap();
}
static void linger(void)
{
	is_time = 1;
	linger_for(&steps);
}
int main(void)
{
	pthread_t thread;
	store_open();
	atexit(linger);
	atexit(idle_one);
	atexit(let_go);
	return pthread_create(&thread, NULL, work, NULL);
}
