// expect: SIGABRT. operator new throws, and nobody catches
#include <vector>
#include "scarce.h"

int main()
{
	std::vector<block *> blocks;
	scarce(RLIMIT_AS);
	while (blocks.size() * sizeof(block) < WANTED_BYTES)
		blocks.push_back(new block);
	return puts("OK") < 0;
}
