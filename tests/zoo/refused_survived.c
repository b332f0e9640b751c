/* expect: exit 0. It takes what it can get, and is content */
#include "scarce.h"

int main(void)
{
	struct block *newest = NULL;
	scarce(RLIMIT_AS);
	for (size_t got = 0; got < WANTED_BYTES; got += sizeof(*newest)) {
		struct block *block = malloc(sizeof(*block));
		if (!block)
			break;
		block->older = newest;
		newest = block;
	}
	while (newest) {
		struct block *older = newest->older;
		free(newest);
		newest = older;
	}
	return puts("OK") < 0;
}
