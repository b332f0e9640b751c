// row: main-end main
// row: handler second
// row: handler crashes did not return
// ends: signal SIGSEGV
// verdict: null-dereference
#include "parts.h"

static int *volatile nowhere;
PART never(void)
{
	MARK("never");
}
PART crashes(void)
{
	MARK("crashes");
	*nowhere = 1;
}
PART second(void)
{
	MARK("second");
}

int main(void)
{
	atexit(never);
	atexit(crashes);
	atexit(second);
	return 0;
}
