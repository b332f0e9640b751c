// err() calls exit inside libc, where no symbol is bound
// row: handler first
// row: fini last
// ends: exit 9
#include <err.h>
#include "parts.h"

PART first(void)
{
	MARK("first");
}
DESTRUCTOR last(void)
{
	MARK("last");
}

int main(void)
{
	atexit(first);
	errx(9, "left");
}
