// a detached thread in the middle of malloc and free when the process ends
// row: main-end main
// row: handler own
// row: fini last
// thread: allocates
// ends: exit 0
#include "parts.h"

PART own(void)
{
	MARK("own");
}
DESTRUCTOR last(void)
{
	MARK("last");
}
static void *allocates(void *arg)
{
	for (;;) {
		char *volatile block = malloc(100);
		MUST(block);
		free(block);
		UP();
	}
	return arg;
}

int main(void)
{
	pthread_t thread;
	atexit(own);
	MUST(!pthread_create(&thread, NULL, allocates, NULL));
	MUST(!pthread_detach(thread));
	WAIT_UP(1);
	return 0;
}
