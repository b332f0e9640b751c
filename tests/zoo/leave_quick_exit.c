/* expect: exit 6 by quick_exit; only the at_quick_exit handlers run, the last registered first */
#include <stdlib.h>
#include "mark.h"
static void never(void)
{
	MARK("never");
}
static void quick_first(void)
{
	MARK("quick_first");
}
static void quick_last(void)
{
	MARK("quick_last");
}
int main(void)
{
	atexit(never);
	at_quick_exit(quick_first);
	at_quick_exit(quick_last);
	quick_exit(6);
}
