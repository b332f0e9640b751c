/* expect: exit 3: closes descriptors 0 to 1023, forks a child that exits with 4, then returns from main */
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	int status;
	for (int fd = 0; fd < 1024; fd++)
		close(fd);
	pid_t child = fork();
	if (child == 0)
		return 4;
	if (child < 0 || waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 4)
		return 1;
	return 3;
}
