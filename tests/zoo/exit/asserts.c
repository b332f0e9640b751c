// ends: abort SIGABRT
// verdict: unknown
#include <assert.h>
#include "parts.h"

PART never(void)
{
	MARK("never");
}

int main(int argc, char **argv)
{
	(void)argv;
	atexit(never);
	assert(argc == 100);
}
