// a library that is open at exit: the handler is in the list, behind main's
// row: main-end main
// row: handler own
// row: handler opened_handler
// row: fini last
// row: fini opened_last
// ends: exit 0
#include <dlfcn.h>
#include "parts.h"

PART own(void)
{
	MARK("own");
}
DESTRUCTOR last(void)
{
	MARK("last");
}

int main(void)
{
	MUST(dlopen("libopened_dso.so", RTLD_NOW));
	atexit(own);
	return 0;
}
