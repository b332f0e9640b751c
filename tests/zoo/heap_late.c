/*
 * expect: "caught 5" three times: a C program opens a plugin in C++ by dlopen(RTLD_LOCAL), uses it and closes it: operator
 * new is called before anything at start could have been asked where it is.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	char path[4096];
	(void)argc;
	snprintf(path, sizeof(path), "%.*s/libheap_late_dso.so", (int)(strrchr(argv[0], '/') - argv[0]), argv[0]);
	for (int i = 0; i < 3; i++) {
		void *plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		int (*work)(int) = plugin ? (int (*)(int))dlsym(plugin, "late_work") : NULL;
		if (!work)
			return 1;
		printf("caught %d\n", work(5));
		dlclose(plugin);
	}
	return 0;
}
