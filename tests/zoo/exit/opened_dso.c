// a library for dlopen
#include "parts.h"

PART opened_handler(void)
{
	MARK("opened_handler");
}
DESTRUCTOR opened_last(void)
{
	MARK("opened_last");
}
__attribute__((constructor)) static void begin(void)
{
	atexit(opened_handler);
}
