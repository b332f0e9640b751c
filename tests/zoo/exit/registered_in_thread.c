// who registers does not matter for who runs
// row: main-end main
// row: handler of_thread
// row: handler first
// ends: exit 0
#include "parts.h"

PART first(void)
{
	MARK("first");
}
PART of_thread(void)
{
	MARK("of_thread");
}
static void *registers(void *arg)
{
	atexit(of_thread);
	return arg;
}

int main(void)
{
	pthread_t thread;
	atexit(first);
	MUST(!pthread_create(&thread, NULL, registers, NULL));
	MUST(!pthread_join(thread, NULL));
	return 0;
}
