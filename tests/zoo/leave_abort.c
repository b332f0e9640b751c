/* expect: signal 6 by abort(); no handler runs */
#include <stdlib.h>
#include "mark.h"
static void never(void)
{
	MARK("never");
}
int main(void)
{
	atexit(never);
	abort();
}
