/*
 * expect: exit 0. As a program that has mimalloc linked in, as far as names go: its teardown is local, and no handler of
 * its own: the program's handler calls it, and the finalizer once more. So no row of the timeline is mimalloc's.
 */
#include <stdlib.h>
#include "mark.h"

#define FUNCTION __attribute__((noinline, noclone, used))

static volatile int is_done;

FUNCTION int mi_version(void)
{
	return 20302;
}

static FUNCTION void mi_process_done(void)
{
	if (is_done)
		return;
	is_done = 1;
	MARK("mi_process_done");
}

static void __attribute__((destructor)) _mi_auto_process_done(void)
{
	mi_process_done();
	MARK("_mi_auto_process_done");
}

static void at_exit(void)
{
	mi_process_done();
	MARK("at_exit");
}

int main(void)
{
	return atexit(at_exit);
}
