// a handler waits for ever while another thread calls exit too, and takes the rest of the list
// row: handler second did not return
// row: handler first in thread
// row: fini last in thread
// thread: also_leaves
// ends: exit 14
#include "parts.h"

static int line[2];

PART first(void)
{
	MARK("first");
}
PART second(void)
{
	MARK("second");
	MUST(write(line[1], "", 1) == 1);
	for (;;)
		pause();
}
DESTRUCTOR last(void)
{
	MARK("last");
}
static void *also_leaves(void *arg)
{
	char byte;
	(void)arg;
	UP();
	MUST(read(line[0], &byte, 1) == 1);
	exit(14);
}

int main(void)
{
	pthread_t thread;
	MUST(!pipe(line));
	atexit(first);
	atexit(second);
	MUST(!pthread_create(&thread, NULL, also_leaves, NULL));
	WAIT_UP(1);
	exit(1);
}
