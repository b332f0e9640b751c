// a handler jumps back into main, which exits again: the handler is not run twice
// row: handler third
// row: handler jumps did not return
// row: handler first
// ends: exit 20
#include <setjmp.h>
#include "parts.h"

static sigjmp_buf back;
PART first(void)
{
	MARK("first");
}
PART jumps(void)
{
	MARK("jumps");
	siglongjmp(back, 1);
}
PART third(void)
{
	MARK("third");
}

int main(void)
{
	atexit(first);
	atexit(jumps);
	atexit(third);
	if (sigsetjmp(back, 1)) {
		NOTE("back in main");
		exit(20);
	}
	exit(1);
}
