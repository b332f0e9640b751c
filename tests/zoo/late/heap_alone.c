/* expect: heap-after-teardown: two handlers and nothing beside them that could be left out as a control */
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
	atexit(let_go);
	return 0;
}
