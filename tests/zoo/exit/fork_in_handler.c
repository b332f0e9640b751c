// the child of a handler goes on with the rest of the list, as its parent does
// row: main-end main
// row: handler forks
// row: handler first
// ends: exit 0
// row: handler first
// ends: exit 0
#include "parts.h"

static int is_child;
PART first(void)
{
	if (is_child)
		CHILD_MARK("first");
	else
		MARK("first");
}
PART forks(void)
{
	MARK("forks");
	pid_t child = fork();
	if (!child)
		is_child = 1;
	else
		MUST(waitpid(child, NULL, 0) == child);
}

int main(void)
{
	atexit(first);
	atexit(forks);
	return 0;
}
