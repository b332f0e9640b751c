/* expect: heap-after-teardown: a handler discards the pool, a later one follows a pointer that lay in it */
#include "late.h"

static int target;

static void let_go(void)
{
	madvise((void *)store, STORE_BYTES, MADV_DONTNEED);
}
static void follow(void)
{
	**(int *volatile *)(store + 512) = 1;
}
int main(void)
{
	store_open();
	*(int *volatile *)(store + 512) = &target;
	atexit(follow);
	atexit(idle_one);
	atexit(let_go);
	return 0;
}
