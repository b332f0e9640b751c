/* expect: exit 0 of the parent, whose child died of signal 11 */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static int *volatile nothing;
int main(void)
{
	int status;
	pid_t child = fork();
	if (child == 0)
		return *nothing;
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 1;
	return WIFSIGNALED(status) ? 0 : 1;
}
