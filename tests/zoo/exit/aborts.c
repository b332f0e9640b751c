// ends: abort SIGABRT
// verdict: unknown
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
