/* expect: exit-list-on-dead-heap: the program brings its own malloc, and a handler unmaps its pool */
#define POOL_LET_GO munmap(the_pool, POOL_BYTES)
#include "../own_allocator.h"

static void idle_other(void)
{
}
int main(void)
{
	for (int i = 0; i < 70; i++)
		atexit(idle_other);
	atexit(last_step);
	atexit(idle_step);
	return 0;
}
