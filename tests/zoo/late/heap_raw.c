/* expect: heap-after-teardown: a handler unmaps the pool by a raw system call, which no hook sees */
#include "late.h"

static void let_go(void)
{
	syscall(SYS_munmap, store, STORE_BYTES);
}
static void count(void)
{
	store_use();
}
int main(void)
{
	store_open();
	atexit(count);
	atexit(idle_one);
	atexit(let_go);
	return 0;
}
