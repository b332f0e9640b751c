// a handler makes a thread and waits for it
// row: main-end main
// row: handler makes
// row: handler first
// ends: exit 0
#include "parts.h"

PART first(void)
{
	MARK("first");
}
static void *works(void *arg)
{
	NOTE("thread of a handler");
	return arg;
}
PART makes(void)
{
	pthread_t thread;
	MARK("makes");
	MUST(!pthread_create(&thread, NULL, works, NULL));
	MUST(!pthread_join(thread, NULL));
}

int main(void)
{
	atexit(first);
	atexit(makes);
	return 0;
}
