/* expect: exit 0 and no output. Every descriptor is closed, its own and whoever's, and threads grow */
#include <sys/syscall.h>
#include "grow.h"

static void *body(void *n)
{
	grow_free(grow_small(2 << 20, (unsigned)(long)n, NULL));
	return NULL;
}

int main(void)
{
	if (syscall(SYS_close_range, 0u, ~0u, 0))
		for (int fd = 0; fd < 4096; fd++)
			close(fd);
	grow_threads(4, body);
	grow_free(grow_small(4 << 20, 1, NULL));
	return 0;
}
