// row: main-end main
// row: handler second
// row: handler first
// row: fini last
// ends: exit 3
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

int main(void)
{
	atexit(first);
	atexit(second);
	return 3;
}
