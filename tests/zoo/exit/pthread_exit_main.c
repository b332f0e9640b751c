// main leaves by pthread_exit, another thread goes on: libc calls exit(0) in the last thread
// row: handler first in thread
// row: fini last in thread
// ends: exit 0
#include "parts.h"

static pthread_t main_thread;

PART first(void)
{
	MARK("first");
}
DESTRUCTOR last(void)
{
	MARK("last");
}
static void *goes_on(void *arg)
{
	MUST(!pthread_join(main_thread, NULL));
	NOTE("goes on");
	return arg;
}

int main(void)
{
	pthread_t thread;
	atexit(first);
	main_thread = pthread_self();
	MUST(!pthread_create(&thread, NULL, goes_on, NULL));
	MUST(!pthread_detach(thread));
	pthread_exit(NULL);
}
