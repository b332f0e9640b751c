// row: main-end main
// row: handler first
// row: fini crashes did not return
// ends: signal SIGSEGV
// verdict: null-dereference
#include "parts.h"

static int *volatile nowhere;
PART first(void)
{
	MARK("first");
}
DESTRUCTOR crashes(void)
{
	MARK("crashes");
	*nowhere = 1;
}

int main(void)
{
	atexit(first);
	return 0;
}
