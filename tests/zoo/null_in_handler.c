/* expect: signal 11 in the program's own exit handler, while main's work was long done */
#include <stdlib.h>
#include "mark.h"
static int *volatile table;
void own_handler(void);
__attribute__((noinline)) void own_handler(void)
{
	MARK("own_handler");
	table[3] = 1;
}
int main(void)
{
	atexit(own_handler);
	return 0;
}
