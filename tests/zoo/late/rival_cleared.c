/* expect: null-dereference: the handler that discards the pool has also cleared the pointer that a later one uses */
#include "late.h"

static int target;
static int *volatile nothing = &target;

static void let_go(void)
{
	madvise((void *)store, STORE_BYTES, MADV_DONTNEED);
	nothing = NULL;
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
