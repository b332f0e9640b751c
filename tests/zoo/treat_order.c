/* expect: exit 7: four handlers, from the last registered to the first, then the finalizer */
#include <stdlib.h>
#include "mark.h"
static int value;
static void handler_one(void)
{
	MARK("handler_one");
}
static void handler_two(void)
{
	MARK("handler_two");
}
static void handler_three(void)
{
	MARK("handler_three");
}
static void with_status(int status, void *arg)
{
	if (status == 7 && arg == &value)
		MARK("with_status");
}
__attribute__((destructor)) static void finalizer(void)
{
	MARK("finalizer");
}
int main(void)
{
	atexit(handler_one);
	on_exit(with_status, &value);
	atexit(handler_two);
	atexit(handler_three);
	exit(7);
}
