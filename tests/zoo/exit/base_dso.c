// what upper_dso needs
#include "parts.h"

PART base_handler(void)
{
	MARK("base_handler");
}
DESTRUCTOR base_last(void)
{
	MARK("base_last");
}
int base_dso(void)
{
	atexit(base_handler);
	return 1;
}
