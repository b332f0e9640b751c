// a handler without end: the stack is gone when the signal arrives
// row: main-end main
// row: handler overflows did not return
// ends: signal SIGSEGV
// verdict: stack-overflow
#include "parts.h"

static volatile int depth;
__attribute__((noinline)) static int deeper(int n)
{
	volatile char room[4096];
	room[0] = (char)n;
	return depth < 0 ? room[0] : deeper(n + 1) + room[0];
}
PART overflows(void)
{
	MARK("overflows");
	depth = deeper(0);
}

int main(void)
{
	atexit(overflows);
	return 0;
}
