// a library whose handler closes it, and so returns to memory that is gone
#include <dlfcn.h>
#include "parts.h"

static void *itself;
PART unloads_itself(void)
{
	MARK("unloads_itself");
	dlclose(itself);
}
void unloads_dso(void *handle)
{
	itself = handle;
	atexit(unloads_itself);
}
DESTRUCTOR unloads_last(void)
{
	MARK("unloads_last");
}
