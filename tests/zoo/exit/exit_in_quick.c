// exit in a handler of quick_exit: then the whole of exit's list
// row: handler leaves did not return
// row: handler own
// row: fini last
// ends: exit 27
#include "parts.h"

PART own(void)
{
	MARK("own");
}
PART leaves(void)
{
	MARK("leaves");
	exit(27);
}
DESTRUCTOR last(void)
{
	MARK("last");
}

int main(void)
{
	atexit(own);
	at_quick_exit(leaves);
	quick_exit(1);
}
