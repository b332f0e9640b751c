// a fault while SIGSEGV is blocked cannot be handled by anybody: the kernel kills
// row: main-end main
// row: handler blocks
// row: handler crashes did not return
// ends: signal SIGSEGV
// verdict: unknown
#include "parts.h"

static int *volatile nowhere;
PART crashes(void)
{
	MARK("crashes");
	*nowhere = 1;
}
PART blocks(void)
{
	sigset_t all;
	MARK("blocks");
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

int main(void)
{
	atexit(crashes);
	atexit(blocks);
	return 0;
}
