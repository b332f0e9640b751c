/*
 * hooks_load.c: libraries that come and go while the program runs. dlopen itself is a stub in arch/: see there.
 */
#include "arch/arch.h"
#include "handler.h"
#include "heap.h"
#include "image.h"
#include "module.h"
#include "options.h"
#include "real.h"
#include "stream.h"
#include "thread.h"

static void *no_dlopen(const char *path, int flags)
{
	(void)path;
	(void)flags;
	return NULL;
}

void *ex_dlopen_note(const char *path, int flags, void *caller)
{
	ex_image_ready();
	if (ex_enter()) {
		EX_PUT(DLOPEN, dlopen, (.flags = flags, .caller = (uintptr_t)caller), EX_TEXT(path), );
		ex_leave();
	}
	if (!ex_real.dlopen)
		ex_real_find_late();
	/* the new objects are told at the next scan: nothing of ours can run after a tail call */
	return ex_real.dlopen ? (void *)ex_real.dlopen : (void *)no_dlopen;
}

EX_EXPORT int dlclose(void *handle)
{
	ex_image_ready();
	if (!ex_real.dlclose)
		ex_real_find_late();
	if (!ex_real.dlclose)
		return -1;
	if (!ex_image.is_loader_stuck && ex_enter()) {
		ex_module_scan(1); /* its finalizers may run in a moment */
		EX_PUT(DLCLOSE, dlclose,
		       (.handle = (uintptr_t)handle, .caller = (uintptr_t)__builtin_return_address(0)), );
		ex_leave();
	}
	if (ex_options.keep_modules)
		return 0;
	int error = ex_real.dlclose(handle);
	ex_heap_object_gone();
	if (!ex_image.is_loader_stuck && ex_enter()) {
		ex_module_scan(0);
		ex_leave();
	}
	return error;
}
