/* expect: prints what the command given as argument prints, through popen(), and its status; "-c": after clearenv() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
int main(int argc, char **argv)
{
	int at = argc > 1 && !strcmp(argv[1], "-c") ? 2 : 1;
	if (at == 2)
		clearenv();
	FILE *pipe = popen(argc > at ? argv[at] : "echo child", "r");
	char line[256];
	if (!pipe)
		return 99;
	while (fgets(line, sizeof(line), pipe))
		fputs(line, stdout);
	int status = pclose(pipe);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}
