/* expect: exit 9: a handler calls exit() again; each handler runs once */
#include <stdlib.h>
#include "mark.h"
static void handler_first(void)
{
	MARK("handler_first");
}
static void handler_that_exits(void)
{
	MARK("handler_that_exits");
	exit(9);
}
static void handler_last(void)
{
	MARK("handler_last");
}
int main(void)
{
	atexit(handler_first);
	atexit(handler_that_exits);
	atexit(handler_last);
	return 2;
}
