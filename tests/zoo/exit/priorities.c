// row: main-end main
// row: handler of_constructor
// row: handler of_constructor_102
// row: handler of_constructor_101
// row: fini plain_second
// row: fini plain_first
// row: fini at_102
// row: fini at_101
// ends: exit 0
#include "parts.h"

PART of_constructor(void)
{
	MARK("of_constructor");
}
PART of_constructor_101(void)
{
	MARK("of_constructor_101");
}
PART of_constructor_102(void)
{
	MARK("of_constructor_102");
}
__attribute__((constructor)) static void begin(void)
{
	atexit(of_constructor);
}
__attribute__((constructor(102))) static void begin_102(void)
{
	atexit(of_constructor_102);
}
__attribute__((constructor(101))) static void begin_101(void)
{
	atexit(of_constructor_101);
}
__attribute__((noinline, destructor(101))) void at_101(void)
{
	MARK("at_101");
}
__attribute__((noinline, destructor(102))) void at_102(void)
{
	MARK("at_102");
}
DESTRUCTOR plain_first(void)
{
	MARK("plain_first");
}
DESTRUCTOR plain_second(void)
{
	MARK("plain_second");
}

int main(void)
{
	return 0;
}
