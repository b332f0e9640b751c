/* expect: unknown: main has unmapped it before exit, and no handler is to blame */
#include "late.h"

static void count(void)
{
	store_use();
}
int main(void)
{
	store_open();
	atexit(count);
	atexit(idle_one);
	store_unmap();
	return 0;
}
