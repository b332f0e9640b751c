// the program's own handler of SIGSEGV exits: a crash that looks like an end
// row: handler first
// ends: exit 23
#include "parts.h"

static int *volatile nowhere;
PART first(void)
{
	MARK("first");
}
static void leaves(int signo)
{
	(void)signo;
	exit(23);
}

int main(void)
{
	atexit(first);
	signal(SIGSEGV, leaves);
	*nowhere = 1;
}
