// a raw system call: no hook sees it, the launcher tells the status
// ends: _exit 8
#include <sys/syscall.h>
#include "parts.h"

PART never(void)
{
	MARK("never");
}

int main(void)
{
	atexit(never);
	syscall(SYS_exit_group, 8);
}
