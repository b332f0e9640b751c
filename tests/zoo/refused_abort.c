/* expect: SIGABRT. It looks at what malloc returns, and gives up */
#include "scarce.h"

static void *need(size_t bytes)
{
	void *block = malloc(bytes);
	if (!block) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return block;
}

int main(void)
{
	struct block *newest = NULL;
	scarce(RLIMIT_AS);
	for (size_t got = 0; got < WANTED_BYTES; got += sizeof(*newest)) {
		struct block *block = need(sizeof(*block));
		block->older = newest;
		newest = block;
	}
	return puts("OK") < 0;
}
