// more than the 32 of the exit list's first block: the next one comes from malloc
// row: main-end main
// row: handler newest
// row: handler counted x40
// row: handler oldest
// ends: exit 0
#include "parts.h"

PART oldest(void)
{
	MARK("oldest");
}
PART counted(void)
{
	MARK("counted");
}
PART newest(void)
{
	MARK("newest");
}

int main(void)
{
	atexit(oldest);
	for (int i = 0; i < 40; i++)
		atexit(counted);
	atexit(newest);
	return 0;
}
