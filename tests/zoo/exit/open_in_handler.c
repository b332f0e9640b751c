// dlopen in a handler: the new library's handler runs next
// row: main-end main
// row: handler opens
// row: handler opened_handler
// row: handler first
// row: fini opened_last
// ends: exit 0
#include <dlfcn.h>
#include "parts.h"

PART first(void)
{
	MARK("first");
}
PART opens(void)
{
	MARK("opens");
	MUST(dlopen("libopened_dso.so", RTLD_NOW));
}

int main(void)
{
	atexit(first);
	atexit(opens);
	return 0;
}
