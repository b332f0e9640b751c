/* expect: wild-address: one handler unmaps the pool, a later one writes elsewhere, where nothing ever was */
#include "late.h"

static void let_go(void)
{
	store_unmap();
}
static void stray(void)
{
	*(volatile int *)0x5000 = 1;
}
int main(void)
{
	store_open();
	atexit(stray);
	atexit(idle_one);
	atexit(let_go);
	return 0;
}
