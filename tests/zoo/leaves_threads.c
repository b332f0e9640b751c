/* expect: main calls pthread_exit, the last thread ends the process: status 0, handlers run in it */
#include <pthread.h>
#include <stdlib.h>
#include "mark.h"
static pthread_t first;
static void last_registered(void)
{
	MARK("last_registered");
}
static void first_registered(void)
{
	MARK("first_registered");
}
static void *works_on(void *unused)
{
	pthread_join(first, NULL);
	MARK("works_on");
	return unused;
}
int main(void)
{
	pthread_t thread;
	first = pthread_self();
	atexit(first_registered);
	atexit(last_registered);
	pthread_create(&thread, NULL, works_on, NULL);
	pthread_exit(NULL);
}
