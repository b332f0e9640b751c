// handlers are forgotten by exec
// ends: exec
// row: main-end main
// row: handler own
// ends: exit 18
#include "parts.h"

PART own(void)
{
	MARK("own");
}

int main(int argc, char **argv)
{
	atexit(own);
	if (argc > 1)
		return 18;
	execl(argv[0], argv[0], "again", NULL);
	return 1;
}
