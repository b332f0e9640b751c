// a vfork child has its parent's memory: it leaves by _exit, and no handler is run or forgotten
// row: main-end main
// row: handler own
// ends: exit 24
#include "parts.h"

PART own(void)
{
	MARK("own");
}

int main(void)
{
	int status;
	atexit(own);
	pid_t child = vfork();
	if (!child)
		_exit(24);
	MUST(waitpid(child, &status, 0) == child);
	return WEXITSTATUS(status);
}
