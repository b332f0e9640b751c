/* expect: SIGSEGV in main: a handler has jumped back into it, so it died in no handler */
#include <setjmp.h>
#include <stdlib.h>
#include "mark.h"
static jmp_buf back;
static void jumps(void)
{
	MARK("jumps");
	longjmp(back, 1);
}
int main(void)
{
	atexit(jumps);
	if (setjmp(back)) {
		MARK("main_again");
		*(volatile int *)8 = 1;
	}
	exit(1);
}
