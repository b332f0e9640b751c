// dlclose in a destructor: the library stays, and goes in its turn
// row: main-end main
// row: handler opened_handler
// row: fini closes
// row: fini opened_last
// ends: exit 0
#include <dlfcn.h>
#include "parts.h"

static void *library;

DESTRUCTOR closes(void)
{
	MARK("closes");
	MUST(!dlclose(library));
}

int main(void)
{
	MUST(library = dlopen("libopened_dso.so", RTLD_NOW));
	return 0;
}
