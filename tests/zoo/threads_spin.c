/* expect: exit 0 while four threads still run */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "mark.h"
static atomic_long turns[4];
static void *spin(void *arg)
{
	for (;;)
		atomic_fetch_add((atomic_long *)arg, 1);
	return NULL;
}
static void handler(void)
{
	MARK("handler");
}
int main(void)
{
	pthread_t id;
	atexit(handler);
	for (int i = 0; i < 4; i++)
		if (pthread_create(&id, NULL, spin, &turns[i]))
			return 1;
	for (int i = 0; i < 4; i++)
		while (atomic_load(&turns[i]) == 0)
			;
	return 0;
}
