/* expect: unknown: a handler uses what it has unmapped by itself */
#include "late.h"

static void let_go_and_use(void)
{
	store_unmap();
	store_use();
}
int main(void)
{
	store_open();
	atexit(idle_one);
	atexit(let_go_and_use);
	atexit(idle_one);
	return 0;
}
