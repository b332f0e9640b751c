// _exit: no handler runs
// ends: _exit 5
#include "parts.h"

PART never(void)
{
	MARK("never");
}
DESTRUCTOR never_either(void)
{
	MARK("never_either");
}

int main(void)
{
	atexit(never);
	_exit(5);
}
