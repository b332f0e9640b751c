// ends: abort SIGABRT
#include "parts.h"

PART never(void)
{
	MARK("never");
}

int main(void)
{
	atexit(never);
	abort();
}
