// a handler hangs until another process kills it
// row: main-end main
// row: handler hangs did not return
// ends: signal SIGKILL
// verdict: unknown
// ends: _exit 0
#include "parts.h"

static int line[2];
PART never(void)
{
	MARK("never");
}
PART hangs(void)
{
	MARK("hangs");
	MUST(write(line[1], "", 1) == 1);
	for (;;)
		pause();
}

int main(void)
{
	char byte;
	MUST(!pipe(line));
	if (!fork()) {
		MUST(read(line[0], &byte, 1) == 1);
		kill(getppid(), SIGKILL);
		_exit(0);
	}
	atexit(never);
	atexit(hangs);
	return 0;
}
