// main sleeps while another thread calls exit
// row: handler first in thread
// row: fini last in thread
// thread: main
// ends: exit 11
#include "parts.h"

PART first(void)
{
	MARK("first");
}
DESTRUCTOR last(void)
{
	MARK("last");
}
static void *leaves(void *arg)
{
	(void)arg;
	exit(11);
}

int main(void)
{
	pthread_t thread;
	atexit(first);
	MUST(!pthread_create(&thread, NULL, leaves, NULL));
	for (;;)
		pause();
}
