/* expect: its exit handler takes, resizes and frees one block; before exit it does the same */
#include <stdlib.h>
#include "mark.h"
static void uses_heap(void)
{
	char *volatile block = malloc(1001);
	MARK("uses_heap");
	block = realloc(block, 2002);
	free(block);
}
int main(void)
{
	atexit(uses_heap);
	free(malloc(303));
	return 0;
}
