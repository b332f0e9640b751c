// ends: signal SIGTERM
// verdict: unknown
#include "parts.h"

PART never(void)
{
	MARK("never");
}

int main(void)
{
	atexit(never);
	raise(SIGTERM);
}
