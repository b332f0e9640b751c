// 70 handlers from the constructor of a library
#include "parts.h"

PART counted(void)
{
	MARK("counted");
}
__attribute__((constructor)) static void registers(void)
{
	for (int i = 0; i < 70; i++)
		atexit(counted);
}
int many_dso(void)
{
	return 70;
}
