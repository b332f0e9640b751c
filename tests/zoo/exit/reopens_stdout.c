// row: main-end main
// row: handler reopens
// row: handler first
// ends: exit 0
#define MARK_FD 2
#include "parts.h"

PART first(void)
{
	MARK("first");
	printf("note: into /dev/null\n");
}
PART reopens(void)
{
	MARK("reopens");
	MUST(freopen("/dev/null", "w", stdout));
}

int main(void)
{
	printf("note: printed in main\n");
	atexit(first);
	atexit(reopens);
	return 0;
}
