// __cxa_atexit by hand, with and without a dso handle
// row: main-end main
// row: handler of_nobody
// row: handler of_exe
// ends: exit 0
#include "parts.h"

extern void *__dso_handle;
int __cxa_atexit(void (*fn)(void *), void *arg, void *dso);

PART of_exe(void *arg)
{
	MARK("of_exe");
	MUST(!strcmp(arg, "exe"));
}
PART of_nobody(void *arg)
{
	MARK("of_nobody");
	MUST(!strcmp(arg, "nobody"));
}

int main(void)
{
	__cxa_atexit(of_exe, "exe", &__dso_handle);
	__cxa_atexit(of_nobody, "nobody", NULL);
	return 0;
}
