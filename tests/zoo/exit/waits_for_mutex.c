// row: main-end main
// row: handler own
// thread: waits
// ends: exit 0
#include "parts.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
PART own(void)
{
	MARK("own");
}
static void *waits(void *arg)
{
	UP();
	pthread_mutex_lock(&mutex);
	return arg;
}

int main(void)
{
	pthread_t thread;
	atexit(own);
	pthread_mutex_lock(&mutex);
	MUST(!pthread_create(&thread, NULL, waits, NULL));
	WAIT_UP(1);
	return 0;
}
