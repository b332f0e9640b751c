// row: main-end main
// row: handler aborts did not return
// ends: abort SIGABRT
// verdict: unknown
#include "parts.h"

PART never(void)
{
	MARK("never");
}
PART aborts(void)
{
	MARK("aborts");
	abort();
}

int main(void)
{
	atexit(never);
	atexit(aborts);
	return 0;
}
