/* expect: foreign-free: a block that a library's own allocator made is given to libc's free, in an exit handler */
#include "late.h"

void *box_make(size_t bytes);

static void *box;

static void let_go(void)
{
	free(box);
}
int main(void)
{
	box = box_make(100);
	atexit(let_go);
	return 0;
}
