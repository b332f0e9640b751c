// a raw exit_group in a handler: nobody is told, the timeline up to there is whole
// row: main-end main
// row: handler leaves did not return
// ends: exit 29
#include <sys/syscall.h>
#include "parts.h"

PART never(void)
{
	MARK("never");
}
PART leaves(void)
{
	MARK("leaves");
	syscall(SYS_exit_group, 29);
}

int main(void)
{
	atexit(never);
	atexit(leaves);
	return 0;
}
