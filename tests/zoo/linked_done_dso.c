/* of program linked_done_beside: a library beside the program that has mimalloc's teardown inside, called at exit */
#include "mark.h"

static __attribute__((noinline, noclone, used)) void mi_process_done(void)
{
	MARK("mi_process_done");
}

void done_in_dso(void)
{
	mi_process_done();
	MARK("done_in_dso");
}
