/* expect: signal 9; nothing in the process can see it */
#include <signal.h>
#include <stdlib.h>
#include "mark.h"
static void never(void)
{
	MARK("never");
}
int main(void)
{
	atexit(never);
	MARK("main");
	kill(getpid(), SIGKILL);
	return 1;
}
