/* expect: SIGSEGV. Never looks at what malloc returns; RLIMIT_AS lets it have a third of what it wants */
#include "scarce.h"

int main(void)
{
	struct block *newest = NULL;
	scarce(RLIMIT_AS);
	for (size_t got = 0; got < WANTED_BYTES; got += sizeof(*newest)) {
		struct block *block = malloc(sizeof(*block));
		block->older = newest;
		newest = block;
	}
	return puts("OK") < 0;
}
