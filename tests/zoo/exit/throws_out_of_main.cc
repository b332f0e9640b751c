// ends: abort SIGABRT
// verdict: unknown
#include "parts.h"

extern "C" PART never(void) { MARK("never"); }

int main()
{
	atexit(never);
	throw 1;
}
