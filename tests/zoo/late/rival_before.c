/* expect: unknown: main has made it inaccessible before exit, and no handler is to blame */
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
	mprotect((void *)store, STORE_BYTES, PROT_NONE);
	return 0;
}
