/* expect: double-free: one foreign block is freed where nobody minds, another block twice: the second one kills */
#include "late.h"

#include <stdint.h>

int main(void)
{
	store_open();
	/* as the head of a chunk of glibc's that is not its own would look */
	uint64_t *chunk = (uint64_t *)((char *)store + 4096);
	chunk[1] = 0x21;
	chunk[5] = 0x21;
	free(chunk + 2);
	char *volatile block = malloc(100);
	free(block);
	free(block);
	return 0;
}
