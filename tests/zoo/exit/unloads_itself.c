// row: main-end main
// row: handler second
// row: handler unloads_itself did not return
// row: fini unloads_last
// ends: signal SIGSEGV
// verdict: unloaded-module
#include <dlfcn.h>
#include "parts.h"

PART first(void)
{
	MARK("first");
}
PART second(void)
{
	MARK("second");
}

int main(void)
{
	void (*enter)(void *);
	void *library = dlopen("libunloads_dso.so", RTLD_NOW);
	MUST(library);
	MUST(enter = (void (*)(void *))dlsym(library, "unloads_dso"));
	atexit(first);
	enter(library);
	atexit(second);
	return 0;
}
