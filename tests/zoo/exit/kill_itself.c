// ends: signal SIGKILL
// verdict: unknown
#include "parts.h"

PART never(void)
{
	MARK("never");
}

int main(void)
{
	atexit(never);
	kill(getpid(), SIGKILL);
	pause();
}
