/* expect: unknown: a variable is given to free */
#include "late.h"

static char variable[256];

int main(void)
{
	char *volatile block = variable + 64;
	free(block);
	return 0;
}
