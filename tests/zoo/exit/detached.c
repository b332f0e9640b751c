// row: main-end main
// row: handler own
// thread: spins
// ends: exit 0
#include "parts.h"

PART own(void)
{
	MARK("own");
}
static void *spins(void *arg)
{
	UP();
	for (;;)
		sched_yield();
	return arg;
}

int main(void)
{
	pthread_t thread;
	atexit(own);
	MUST(!pthread_create(&thread, NULL, spins, NULL));
	MUST(!pthread_detach(thread));
	WAIT_UP(1);
	return 0;
}
