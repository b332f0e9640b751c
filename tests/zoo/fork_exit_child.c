/* expect: exit 0: the child leaves by _exit(8), so that handlers run in the parent only */
#include <stdlib.h>
#include <sys/wait.h>
#include "mark.h"
static void parent_only(void)
{
	MARK("parent_only");
}
int main(void)
{
	int status;
	atexit(parent_only);
	pid_t child = fork();
	if (child == 0)
		_exit(8);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 8 ? 0 : 1;
}
