/* expect: unloaded-module: one handler closes the library, a later one calls it: not the heap */
#include "plugin.h"

static int (*callback)(int);

static void close_it(void)
{
	dlclose(plugin);
}
static void call_it(void)
{
	callback(1);
}
int main(void)
{
	callback = (int (*)(int))plugin_find("callback");
	atexit(call_it);
	atexit(idle_one);
	atexit(close_it);
	return 0;
}
