/* expect: exit 0. jemalloc is linked in; the program maps 1 MiB by itself, and takes 64 MiB from the allocator */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int main(void)
{
	void *own = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int n = 0; n < 64; n++) {
		char *volatile block = malloc(1 << 20);
		if (!block)
			return 1;
		memset(block, 1, 1 << 20);
	}
	return own == MAP_FAILED;
}
