/* expect: heap-after-teardown: a handler frees a large block, which malloc gives back at once, a later one uses it */
#include "late.h"

static volatile char *block;

static void let_go(void)
{
	free((void *)block);
}
static void count(void)
{
	block[5000]++;
}
int main(void)
{
	block = malloc(8 << 20);
	if (!block)
		return 98;
	atexit(count);
	atexit(idle_one);
	atexit(let_go);
	return 0;
}
