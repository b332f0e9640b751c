/* expect: exit 5 by _exit; no handler runs */
#include <stdlib.h>
#include "mark.h"
static void never(void)
{
	MARK("never");
}
int main(void)
{
	atexit(never);
	_exit(5);
}
