/* expect: use-after-free: a handler follows a pointer that lay in a block which another handler has freed; the heap is there */
#include "late.h"

#include <string.h>

static int *volatile *block;

static void let_go(void)
{
	memset((void *)block, 0x41, 64);
	free((void *)block);
}
static void follow(void)
{
	*block[4] = 1;
}
int main(void)
{
	block = calloc(8, sizeof(*block));
	atexit(follow);
	atexit(idle_one);
	atexit(let_go);
	return 0;
}
