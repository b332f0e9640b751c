/* expect: exit 0. ROUNDS rounds (20) of blocks so large that each has a mapping of its own: taken, made larger and
 * smaller, given back */
#include <malloc.h>
#include <stdint.h>
#include "grow.h"

int main(int argc, char **argv)
{
	int rounds = grow_argument(argc, argv, 1, 20);
	/* set once, or glibc raises it with the first block that is given back */
	if (!mallopt(M_MMAP_THRESHOLD, 128 << 10))
		GROW_FAIL("mallopt");
	GROW_MARK("begin");
	for (int i = 0; i < rounds; i++) {
		char *volatile block = malloc(1 << 20);
		if (!block)
			GROW_FAIL("malloc");
		block[0] = 42;
		for (size_t mib = 2; mib <= 8; mib *= 2)
			if (!(block = realloc(block, mib << 20)))
				GROW_FAIL("realloc to more");
		block[(8 << 20) - 1] = 1;
		if (!(block = realloc(block, 3 << 20)) || block[0] != 42)
			GROW_FAIL("realloc to less");
		char *volatile zeroed = calloc(3, 1 << 20);
		if (!zeroed || zeroed[1 << 20])
			GROW_FAIL("calloc");
		void *volatile aligned = NULL;
		if (posix_memalign((void **)&aligned, 1 << 16, 1 << 20) || (uintptr_t)aligned % (1 << 16))
			GROW_FAIL("posix_memalign");
		free(block);
		free(zeroed);
		free(aligned);
	}
	return grow_done();
}
