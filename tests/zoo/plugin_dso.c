/* expect: a library, opened and closed by dlopen_close: its handler and destructor run at dlclose */
#include <stdlib.h>
#include "mark.h"
int plugin_work(int n);
static void plugin_atexit(void)
{
	MARK("plugin_atexit");
}
__attribute__((destructor)) static void plugin_destructor(void)
{
	MARK("plugin_destructor");
}
int plugin_work(int n)
{
	atexit(plugin_atexit);
	return n * 3;
}
