/* plugin.h: opens libcallback_dso.so, finds a function of it and closes it */
#ifndef ZOO_PLUGIN_H
#define ZOO_PLUGIN_H

#include "late.h"

#include <dlfcn.h>

static void *plugin;

static inline void *plugin_find(const char *name)
{
	plugin = dlopen("libcallback_dso.so", RTLD_NOW);
	void *found = plugin ? dlsym(plugin, name) : NULL;
	if (!found)
		_exit(98);
	return found;
}

#endif
