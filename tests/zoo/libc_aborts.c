/* expect: SIGABRT, by libc's own check: the same block is freed twice */
#include <stdlib.h>
#include "mark.h"
int main(void)
{
	void *volatile block = malloc(24), *volatile again = block;
	free(block);
	MARK("freed");
	free(again);
}
