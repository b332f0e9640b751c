// row: handler second
// row: handler first
// row: fini last
// ends: exit 4
#include "parts.h"

PART first(void)
{
	MARK("first");
}
PART second(void)
{
	MARK("second");
}
DESTRUCTOR last(void)
{
	MARK("last");
}
__attribute__((noinline, noreturn)) static void give_up(void)
{
	exit(4);
}

int main(void)
{
	atexit(first);
	atexit(second);
	give_up();
}
