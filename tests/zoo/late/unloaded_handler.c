/* expect: unloaded-module: exit calls the handler of a library that is closed */
#include "plugin.h"

int main(void)
{
	((void (*)(void))plugin_find("register_handler"))();
	atexit(idle_one);
	dlclose(plugin);
	return 0;
}
