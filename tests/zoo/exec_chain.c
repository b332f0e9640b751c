/* expect: exit 0 after five images of one process: it executes itself, each time by another call of the exec family */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
extern char **environ;
int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 0;
	char text[16];
	snprintf(text, sizeof(text), "%d", n + 1);
	char *args[] = {argv[0], text, NULL};
	switch (n) {
	case 0:
		execl(argv[0], argv[0], text, (char *)NULL);
		return 1;
	case 1:
		execle(argv[0], argv[0], text, (char *)NULL, environ);
		return 2;
	case 2:
		execvp(argv[0], args);
		return 3;
	case 3:
		execvpe(argv[0], args, environ);
		return 4;
	case 4:
		execlp(argv[0], argv[0], text, (char *)NULL);
		return 5;
	}
	return 0;
}
