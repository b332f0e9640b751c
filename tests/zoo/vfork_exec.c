/* expect: the status of the program given as arguments, run in a vfork child; /bin/true without arguments */
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	static char path[] = "/bin/true";
	static char *none[] = {path, NULL};
	char **args = argc > 1 ? argv + 1 : none;
	int status;
	pid_t child = vfork();
	if (child == 0) {
		execv(args[0], args);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return 99;
	return WEXITSTATUS(status);
}
