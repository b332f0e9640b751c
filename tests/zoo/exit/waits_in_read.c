// row: main-end main
// row: handler own
// thread: waits
// ends: exit 0
#include "parts.h"

static int line[2];
PART own(void)
{
	MARK("own");
}
static void *waits(void *arg)
{
	char byte;
	UP();
	MUST(read(line[0], &byte, 1) == 1);
	return arg;
}

int main(void)
{
	pthread_t thread;
	MUST(!pipe(line));
	atexit(own);
	MUST(!pthread_create(&thread, NULL, waits, NULL));
	WAIT_UP(1);
	return 0;
}
