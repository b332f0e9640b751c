// quick_exit: its own list only
// row: handler quick_second
// row: handler quick_first
// ends: quick_exit 7
#include "parts.h"

PART never(void)
{
	MARK("never");
}
PART quick_first(void)
{
	MARK("quick_first");
}
PART quick_second(void)
{
	MARK("quick_second");
}
DESTRUCTOR never_either(void)
{
	MARK("never_either");
}

int main(void)
{
	at_quick_exit(quick_first);
	atexit(never);
	at_quick_exit(quick_second);
	quick_exit(7);
}
