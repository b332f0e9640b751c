// the last thread that leaves ends the process
// row: handler first
// ends: exit 0
#include "parts.h"

PART first(void)
{
	MARK("first");
}

int main(void)
{
	atexit(first);
	pthread_exit(NULL);
}
