// a library's handler and destructor have run at dlclose: no rows of the teardown
// closed before exit: libclosing_dso.so
// row: main-end main
// row: handler own
// ends: exit 0
#include <dlfcn.h>
#include "parts.h"

PART own(void)
{
	MARK("own");
}

int main(void)
{
	void *library = dlopen("libclosing_dso.so", RTLD_NOW);
	MUST(library);
	atexit(own);
	NOTE("before dlclose");
	MUST(!dlclose(library));
	NOTE("after dlclose");
	return 0;
}
