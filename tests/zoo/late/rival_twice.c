/* expect: double-free: a block is freed twice, by the allocator that made it */
#include "late.h"

int main(void)
{
	char *volatile block = malloc(100);
	free(block);
	free(block);
	return 0;
}
