/* expect: a library that registers more exit handlers than libc has room for without the heap */
#include "late.h"

__attribute__((constructor)) static void enlist(void)
{
	for (int i = 0; i < 70; i++)
		atexit(idle_one);
}
int list_has(void);
int list_has(void)
{
	return 70;
}
