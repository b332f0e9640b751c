/* expect: heap-after-teardown: one handler unmaps the pool, a later one uses it */
#include "late.h"

static void let_go(void)
{
	store_unmap();
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
