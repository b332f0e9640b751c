/* expect: the status of the command given as argument, run by system(); "-c" first: after clearenv() */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
int main(int argc, char **argv)
{
	int at = argc > 1 && !strcmp(argv[1], "-c") ? 2 : 1;
	if (at == 2)
		clearenv();
	int status = system(argc > at ? argv[at] : "exit 0");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}
