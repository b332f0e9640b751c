// a handler calls exit: the rest of the list goes on inside it, with the new status
// row: handler third
// row: handler second did not return
// row: handler first
// row: fini last
// ends: exit 12
#include "parts.h"

PART first(void)
{
	MARK("first");
}
PART second(void)
{
	MARK("second");
	exit(12);
}
PART third(void)
{
	MARK("third");
}
DESTRUCTOR last(void)
{
	MARK("last");
}

int main(void)
{
	atexit(first);
	atexit(second);
	atexit(third);
	exit(1);
}
