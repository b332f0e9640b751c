// needs base_dso, so that it goes first
#include "parts.h"

int base_dso(void);
PART upper_handler(void)
{
	MARK("upper_handler");
}
DESTRUCTOR upper_last(void)
{
	MARK("upper_last");
}
int upper_dso(void)
{
	atexit(upper_handler);
	return 1 + base_dso();
}
