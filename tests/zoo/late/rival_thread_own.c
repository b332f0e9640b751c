/* expect: unknown: while handlers run a thread uses what it has unmapped by itself */
#include "late.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_int is_time;

static void *work(void *arg)
{
	while (!is_time)
		;
	store_unmap();
	store_use();
	return arg;
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
	atexit(idle_one);
	atexit(linger);
	atexit(idle_one);
	return pthread_create(&thread, NULL, work, NULL);
}
