// the linker's order is the wrong one: what counts is who needs whom
// row: main-end main
// row: handler base_handler
// row: handler upper_handler
// row: handler own
// row: fini last
// row: fini upper_last
// row: fini base_last
// ends: exit 3
#include "parts.h"

int upper_dso(void);
PART own(void)
{
	MARK("own");
}
DESTRUCTOR last(void)
{
	MARK("last");
}

int main(void)
{
	atexit(own);
	return 1 + upper_dso();
}
