// ends: signal SIGTERM
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
