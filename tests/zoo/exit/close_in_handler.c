// dlclose in a handler: what the library had to do is done inside it
// row: main-end main
// row: handler closes
// row: fini opened_last
// row: handler opened_handler
// row: handler first
// ends: exit 0
#include <dlfcn.h>
#include "parts.h"

static void *library;

PART first(void)
{
	MARK("first");
}
PART closes(void)
{
	MARK("closes");
	MUST(!dlclose(library));
}

int main(void)
{
	atexit(first);
	MUST(library = dlopen("libopened_dso.so", RTLD_NOW));
	atexit(closes);
	return 0;
}
