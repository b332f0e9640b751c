/* expect: unloaded-module: a thread of the library's sleeps in a system call when it is closed, and is woken after that */
#include "plugin.h"

int main(void)
{
	int wake = ((int (*)(void))plugin_find("start_sleeper"))();
	dlclose(plugin);
	if (write(wake, "x", 1) != 1)
		return 98;
	rest(500);
	return 0;
}
