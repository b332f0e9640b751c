// an exception that leaves a handler: terminate
// row: main-end main
// row: handler throws did not return
// ends: abort SIGABRT
// verdict: unknown
#include "parts.h"

extern "C" PART never(void) { MARK("never"); }
extern "C" PART throws(void)
{
	MARK("throws");
	throw 1;
}

int main()
{
	atexit(never);
	atexit(throws);
	return 0;
}
