// _exit in a handler
// row: main-end main
// row: handler leaves did not return
// ends: _exit 28
#include "parts.h"

PART never(void)
{
	MARK("never");
}
PART leaves(void)
{
	MARK("leaves");
	_exit(28);
}

int main(void)
{
	atexit(never);
	atexit(leaves);
	return 0;
}
