// two threads asleep
// row: main-end main
// row: handler own
// thread: sleeps
// thread: sleeps_too
// ends: exit 0
#include "parts.h"

PART own(void)
{
	MARK("own");
}
static void *sleeps(void *arg)
{
	UP();
	sleep(1000);
	return arg;
}
static void *sleeps_too(void *arg)
{
	UP();
	poll(NULL, 0, -1);
	return arg;
}

int main(void)
{
	pthread_t thread;
	atexit(own);
	MUST(!pthread_create(&thread, NULL, sleeps, NULL));
	WAIT_UP(1);
	MUST(!pthread_create(&thread, NULL, sleeps_too, NULL));
	WAIT_UP(2);
	return 0;
}
