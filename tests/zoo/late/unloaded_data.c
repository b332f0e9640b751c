/* expect: unloaded-module: main reads data of a library that it has closed */
#include "plugin.h"

int main(void)
{
	const int *volatile words = ((const int *(*)(void))plugin_find("data"))();
	dlclose(plugin);
	return words[2];
}
