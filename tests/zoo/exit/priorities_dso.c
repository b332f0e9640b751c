#include "parts.h"

PART library_handler(void)
{
	MARK("library_handler");
}
PART library_handler_101(void)
{
	MARK("library_handler_101");
}
__attribute__((constructor)) static void begin(void)
{
	atexit(library_handler);
}
__attribute__((constructor(101))) static void begin_101(void)
{
	atexit(library_handler_101);
}
__attribute__((noinline, destructor(101))) void library_101(void)
{
	MARK("library_101");
}
DESTRUCTOR library_plain(void)
{
	MARK("library_plain");
}
int priorities_dso(void)
{
	return 0;
}
