/* expect: exit-list-on-dead-heap: as list_inside, by a raw system call */
#define POOL_LET_GO syscall(SYS_munmap, the_pool, POOL_BYTES)
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
