// quick_exit in a handler: the other list, and gone
// row: main-end main
// row: handler hurries did not return
// row: handler quick_first
// ends: quick_exit 26
#include "parts.h"

PART never(void)
{
	MARK("never");
}
PART quick_first(void)
{
	MARK("quick_first");
}
PART hurries(void)
{
	MARK("hurries");
	quick_exit(26);
}

int main(void)
{
	atexit(never);
	at_quick_exit(quick_first);
	atexit(hurries);
	return 0;
}
