/* a preload that asks to be initialized first, as ours does: the one that is loaded last gets it. It also starts a thread, so
 * that ours finds a process that has two */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_int is_running;

static void *spin(void *unused)
{
	atomic_store(&is_running, 1);
	for (;;)
		pause();
	return unused;
}

__attribute__((constructor)) static void begin(void)
{
	pthread_t thread;
	if (!getenv("INITFIRST_THREAD"))
		return;
	if (pthread_create(&thread, NULL, spin, NULL))
		_exit(99);
	while (!atomic_load(&is_running))
		;
}
