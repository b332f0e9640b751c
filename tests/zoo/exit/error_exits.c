// row: handler first
// ends: exit 10
#include <error.h>
#include "parts.h"

PART first(void)
{
	MARK("first");
}

int main(void)
{
	atexit(first);
	error(10, ENOENT, "left");
}
