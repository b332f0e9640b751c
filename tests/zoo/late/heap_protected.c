/* expect: heap-after-teardown: a handler makes the pool inaccessible, a finalizer uses it */
#include "late.h"

static void let_go(void)
{
	mprotect((void *)store, STORE_BYTES, PROT_NONE);
}
__attribute__((destructor)) static void count(void)
{
	store_use();
}
int main(void)
{
	store_open();
	atexit(idle_one);
	atexit(let_go);
	return 0;
}
