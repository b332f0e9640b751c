// row: main-end main
// row: handler closes
// row: handler first
// ends: exit 0
#define MARK_FD 2
#include "parts.h"

PART first(void)
{
	MARK("first");
	printf("note: nowhere\n");
}
PART closes(void)
{
	MARK("closes");
	fclose(stdout);
}

int main(void)
{
	printf("note: printed in main\n");
	atexit(first);
	atexit(closes);
	return 0;
}
