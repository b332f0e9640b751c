/* expect: null-dereference: a library was closed, and has nothing to do with it */
#include "plugin.h"

static int *volatile nothing;

int main(void)
{
	plugin_find("callback");
	dlclose(plugin);
	*nothing = 1;
	return 0;
}
