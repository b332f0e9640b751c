/* expect: a library, part of order_exe: its handlers and destructors run inside the dynamic linker's finalizer */
#include <stdlib.h>
#include "mark.h"

int order_dso_work(int n);

static void dso_atexit_from_constructor(void)
{
	MARK("dso_atexit_from_constructor");
}
static void dso_atexit_from_constructor_2(void)
{
	MARK("dso_atexit_from_constructor_2");
}
static void dso_atexit_from_call(void)
{
	MARK("dso_atexit_from_call");
}
__attribute__((constructor)) static void dso_constructor(void)
{
	atexit(dso_atexit_from_constructor);
	atexit(dso_atexit_from_constructor_2);
}
__attribute__((destructor(101))) static void dso_destructor_101(void)
{
	MARK("dso_destructor_101");
}
__attribute__((destructor)) static void dso_destructor(void)
{
	MARK("dso_destructor");
}
int order_dso_work(int n)
{
	atexit(dso_atexit_from_call);
	return n + 1;
}
