/* expect: exit 1. It looks at what malloc returns, says so, and leaves */
#include "scarce.h"

int main(void)
{
	struct block *newest = NULL;
	scarce(RLIMIT_AS);
	for (size_t got = 0; got < WANTED_BYTES; got += sizeof(*newest)) {
		struct block *block = malloc(sizeof(*block));
		if (!block) {
			fputs("out of memory\n", stderr);
			return 1;
		}
		block->older = newest;
		newest = block;
	}
	return puts("OK") < 0;
}
