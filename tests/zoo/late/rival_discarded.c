/* expect: null-dereference: one handler discards the pool, a later one uses a null pointer of its own */
#include "late.h"

static int *volatile nothing;

static void let_go(void)
{
	madvise((void *)store, STORE_BYTES, MADV_DONTNEED);
}
static void slip(void)
{
	*nothing = 1;
}
int main(void)
{
	store_open();
	atexit(slip);
	atexit(idle_one);
	atexit(let_go);
	return 0;
}
