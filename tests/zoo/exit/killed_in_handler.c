// row: main-end main
// row: handler kills did not return
// ends: signal SIGKILL
// verdict: unknown
#include "parts.h"

PART never(void)
{
	MARK("never");
}
PART kills(void)
{
	MARK("kills");
	kill(getpid(), SIGKILL);
	pause();
}

int main(void)
{
	atexit(never);
	atexit(kills);
	return 0;
}
