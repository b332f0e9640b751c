/* expect: unloaded-module: main calls a function of a library that it has closed */
#include "plugin.h"

int main(void)
{
	int (*callback)(int) = (int (*)(int))plugin_find("callback");
	dlclose(plugin);
	return callback(1);
}
