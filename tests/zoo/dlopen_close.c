/* expect: exit 0: a plugin found beside the program is opened, used and closed before exit; "keep" leaves it open */
#include <dlfcn.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mark.h"
static void exe_atexit(void)
{
	MARK("exe_atexit");
}
int main(int argc, char **argv)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s", argv[0]);
	char *dir = dirname(path);
	char name[4200];
	snprintf(name, sizeof(name), "%s/libplugin_dso.so", dir);
	atexit(exe_atexit);
	void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return 1;
	int (*work)(int) = (int (*)(int))dlsym(handle, "plugin_work");
	if (!work || work(7) != 21)
		return 2;
	if (argc > 1 && !strcmp(argv[1], "keep"))
		return 0;
	if (dlclose(handle))
		return 3;
	MARK("main");
	return 0;
}
