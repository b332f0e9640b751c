// a finalizer calls exit: the others of its object have had their turn, libc's are not begun again
// row: main-end main
// row: handler first
// row: fini leaves did not return
// ends: exit 13
// says: exit status 13
#include "parts.h"

PART first(void)
{
	MARK("first");
}
DESTRUCTOR leaves(void)
{
	MARK("leaves");
	exit(13);
}

int main(void)
{
	atexit(first);
	return 1;
}
