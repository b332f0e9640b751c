// dlopen in a destructor: the order of finalizers is made already, those of the new library never run,
// but its handler goes into the list, which is looked at again
// row: main-end main
// row: fini opens
// row: handler opened_handler
// ends: exit 0
#include <dlfcn.h>
#include "parts.h"

DESTRUCTOR opens(void)
{
	MARK("opens");
	MUST(dlopen("libopened_dso.so", RTLD_NOW));
}

int main(void)
{
	return 0;
}
