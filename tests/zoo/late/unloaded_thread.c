/* expect: unloaded-module: a thread of the library's still runs when it is closed */
#include "plugin.h"

int main(void)
{
	((void (*)(void))plugin_find("start_thread"))();
	dlclose(plugin);
	rest(500);
	return 0;
}
