/* expect: SIGSEGV. The same in a thread, where a heap of its own grows, and with RLIMIT_DATA */
#include <pthread.h>
#include "scarce.h"

static void *body(void *unused)
{
	struct block *newest = NULL;
	for (size_t got = 0; got < WANTED_BYTES; got += sizeof(*newest)) {
		struct block *block = malloc(sizeof(*block));
		block->older = newest;
		newest = block;
	}
	return unused;
}

int main(void)
{
	pthread_t thread;
	scarce(RLIMIT_DATA);
	if (pthread_create(&thread, NULL, body, NULL))
		return 99;
	pthread_join(thread, NULL);
	return puts("OK") < 0;
}
