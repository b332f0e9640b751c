// row: handler first
// row: fini last
// ends: exit 22
#include "parts.h"

PART first(void)
{
	MARK("first");
}
DESTRUCTOR last(void)
{
	MARK("last");
}
static void leaves(int signo)
{
	(void)signo;
	exit(22);
}

int main(void)
{
	atexit(first);
	signal(SIGUSR1, leaves);
	raise(SIGUSR1);
}
