/* expect: SIGABRT. No thread can be made: there is no room for a stack, which no allocator had asked for */
#include <pthread.h>
#include "scarce.h"

static void *body(void *unused)
{
	return unused;
}

int main(void)
{
	pthread_t thread;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, WANTED_BYTES);
	scarce(RLIMIT_AS);
	if (pthread_create(&thread, &attributes, body, NULL))
		abort();
	pthread_join(thread, NULL);
	return puts("OK") < 0;
}
