// _Exit: no handler runs
// ends: _exit 6
#include "parts.h"

PART never(void)
{
	MARK("never");
}

int main(void)
{
	atexit(never);
	_Exit(6);
}
