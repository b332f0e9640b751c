/* expect: exit 0: a handler registers two more while it runs; they run next, the last one first */
#include <stdlib.h>
#include "mark.h"
static void registered_late_1(void)
{
	MARK("registered_late_1");
}
static void registered_late_2(void)
{
	MARK("registered_late_2");
}
static void handler_that_registers(void)
{
	MARK("handler_that_registers");
	atexit(registered_late_1);
	atexit(registered_late_2);
}
static void handler_first(void)
{
	MARK("handler_first");
}
int main(void)
{
	atexit(handler_first);
	atexit(handler_that_registers);
	return 0;
}
