// row: main-end main
// row: handler of_constructor
// row: fini plain
// row: fini at_101
// row: fini library_plain
// row: handler library_handler
// row: handler library_handler_101
// row: fini library_101
// ends: exit 0
#include "parts.h"

int priorities_dso(void);
PART of_constructor(void)
{
	MARK("of_constructor");
}
__attribute__((constructor(101))) static void begin_101(void)
{
	atexit(of_constructor);
}
__attribute__((noinline, destructor(101))) void at_101(void)
{
	MARK("at_101");
}
DESTRUCTOR plain(void)
{
	MARK("plain");
}

int main(void)
{
	return priorities_dso();
}
