/* expect: SIGSEGV in the first instruction of a function with a name of mimalloc's teardown, called by a handler */
#include <stdlib.h>

static int *volatile nothing;

static __attribute__((noinline, noclone)) void mi_process_done(int *place)
{
	*place = 1;
}

static void at_exit(void)
{
	mi_process_done(nothing);
	nothing = NULL; /* no tail call */
}

int main(void)
{
	return atexit(at_exit);
}
