// what stdio holds comes out behind everything
// row: main-end main
// row: handler own
// row: fini last
// ends: exit 0
#include "parts.h"

PART own(void)
{
	MARK("own");
	printf("note: printed in a handler\n");
}
DESTRUCTOR last(void)
{
	MARK("last");
	printf("note: printed in a destructor\n");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	printf("note: printed in main\n");
	atexit(own);
	return 0;
}
