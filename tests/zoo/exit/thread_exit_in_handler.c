// a handler leaves its thread by pthread_exit: as the last one, which calls exit again
// row: main-end main
// row: handler leaves did not return
// row: handler first
// row: fini last
// ends: exit 0
// says: exit status 0
#include "parts.h"

PART first(void)
{
	MARK("first");
}
PART leaves(void)
{
	MARK("leaves");
	pthread_exit(NULL);
}
DESTRUCTOR last(void)
{
	MARK("last");
}

int main(void)
{
	atexit(first);
	atexit(leaves);
	return 30;
}
