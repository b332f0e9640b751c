/* expect: the status of the program given as arguments, started by posix_spawn ("-e": with an empty environment) */
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
extern char **environ;
int main(int argc, char **argv)
{
	static char *empty[] = {NULL};
	static char path[] = "/bin/true";
	static char *none[] = {path, NULL};
	char **env = environ, **args = argc > 1 ? argv + 1 : none;
	int status;
	pid_t child;
	if (!strcmp(args[0], "-e")) {
		env = empty;
		args++;
	}
	if (posix_spawn(&child, args[0], NULL, NULL, args, env) || waitpid(child, &status, 0) != child)
		return 99;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}
