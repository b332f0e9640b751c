/* expect: signal 15, sent by itself with kill(); no handler runs */
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
	kill(getpid(), SIGTERM);
	pause();
	return 1;
}
