/* expect: exit 0: the child of fork returns from main with 7, handlers run in both */
#include <stdlib.h>
#include <sys/wait.h>
#include "mark.h"
static void both(void)
{
	MARK("both");
}
int main(void)
{
	int status;
	atexit(both);
	pid_t child = fork();
	if (child == 0)
		return 7;
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : 1;
}
