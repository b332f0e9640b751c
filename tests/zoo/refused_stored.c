/* expect: SIGSEGV. What malloc returned is looked at late: the program grows in between, by less than it was refused */
#include "scarce.h"

int main(void)
{
	scarce(RLIMIT_AS);
	volatile char *volatile large = malloc(WANTED_BYTES);
	for (int i = 0; i < 40; i++)
		if (!malloc(BLOCK_BYTES))
			return 99;
	large[0] = 1;
	return puts("OK") < 0;
}
