// a handler closes every descriptor but the one of the marks
// no linker: its log is closed with the rest
// row: main-end main
// row: handler closes
// row: handler first
// row: fini last
// ends: exit 0
#include "parts.h"

PART first(void)
{
	MARK("first");
}
PART closes(void)
{
	MARK("closes");
	close(0);
	for (int fd = 2; fd < 1024; fd++)
		close(fd);
}
DESTRUCTOR last(void)
{
	MARK("last");
}

int main(void)
{
	atexit(first);
	atexit(closes);
	return 0;
}
