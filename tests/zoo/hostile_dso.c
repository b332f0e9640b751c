/* a plugin that registers an at_quick_exit handler and is closed before it could run */
#include <stdlib.h>
#include "mark.h"
static void never(void)
{
	MARK("never");
}
static void __attribute__((constructor)) load(void)
{
	at_quick_exit(never);
}
