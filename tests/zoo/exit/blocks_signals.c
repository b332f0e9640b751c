// row: main-end main
// row: handler blocks
// row: handler first
// row: fini last
// ends: exit 0
#include "parts.h"

PART first(void)
{
	MARK("first");
	raise(SIGTERM); /* stays pending */
	raise(SIGSEGV);
}
PART blocks(void)
{
	sigset_t all;
	MARK("blocks");
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}
DESTRUCTOR last(void)
{
	MARK("last");
}

int main(void)
{
	atexit(first);
	atexit(blocks);
	return 0;
}
