// a library that is closed before exit begins
#include "parts.h"

PART closing_handler(void)
{
	NOTE("handler of the closed library");
}
DESTRUCTOR closing_last(void)
{
	NOTE("destructor of the closed library");
}
__attribute__((constructor)) static void begin(void)
{
	atexit(closing_handler);
}
