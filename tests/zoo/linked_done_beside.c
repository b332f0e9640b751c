/* expect: exit 0. Calls a library's function at exit, in which an allocator's teardown runs: see linked_done_dso.c */
#include <stdlib.h>

void done_in_dso(void);

int main(void)
{
	return atexit(done_in_dso);
}
