// a child that exits runs a copy of all handlers
// row: main-end main
// row: handler own
// row: fini last
// ends: exit 0
// row: handler own
// row: fini last
// ends: exit 17
#include "parts.h"

static int is_child;
PART own(void)
{
	if (is_child)
		CHILD_MARK("own");
	else
		MARK("own");
}
DESTRUCTOR last(void)
{
	if (is_child)
		CHILD_MARK("last");
	else
		MARK("last");
}

int main(void)
{
	atexit(own);
	pid_t child = fork();
	if (!child) {
		is_child = 1;
		exit(17);
	}
	MUST(waitpid(child, NULL, 0) == child);
	return 0;
}
