/* expect: unknown: an address inside a block is given to free */
#include "late.h"

int main(void)
{
	char *volatile block = malloc(100);
	free(block + 8);
	return 0;
}
