// forks twice, as daemon(3) does: the last process begins when the one between is gone, the first waits for both
// row: main-end main
// ends: exit 0
// ends: _exit 0
// row: handler own
// ends: exit 25
#include "parts.h"

PART own(void)
{
	CHILD_MARK("own");
}

int main(void)
{
	int line[2], between[2];
	char byte;
	MUST(!pipe(line) && !pipe(between));
	pid_t child = fork();
	if (child) {
		close(line[1]);
		close(between[1]);
		MUST(read(line[0], &byte, 1) == 0 && waitpid(child, NULL, 0) == child);
		return 0;
	}
	setsid();
	if (fork())
		_exit(0);
	close(between[1]);
	MUST(read(between[0], &byte, 1) == 0);
	atexit(own);
	exit(25);
}
