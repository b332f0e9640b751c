/*
 * real.c: fills ex_real. One pass over the objects for all names, since it runs at every program start.
 *
 * Search order is that of RTLD_NEXT: objects loaded after us. The program itself comes first in the list, but a hook
 * that it defines (a static allocator's, a sanitizer's) stands in front of ours and will call ours as its next.
 */
#include "real.h"

#include "image.h"
#include "object.h"
#include "text.h"

struct ex_real ex_real;

static const struct {
	const char *name;
	size_t offset;
	int is_hook;
} entries[] = {
#define HOOK(ret, name, params, group, doc) {#name, offsetof(struct ex_real, name), 1},
#define CALL(ret, name, params, doc) {#name, offsetof(struct ex_real, name), 0},
#include "hooks.def"
#undef HOOK
#undef CALL
};

#define ENTRIES (sizeof(entries) / sizeof(entries[0]))

static void **slot(size_t i)
{
	return (void **)((char *)&ex_real + entries[i].offset);
}

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	int *is_behind_us = arg;
	struct ex_object object;
	(void)size;
	ex_object_from(&object, info);
	if (!*is_behind_us) {
		*is_behind_us = ex_object_is_self(&object);
		return 0;
	}
	if (info->dlpi_name && ex_starts(ex_base(info->dlpi_name), "linux-vdso"))
		return 0; /* exports clock_gettime and getcpu under names of its own, not for calls from here */
	for (size_t i = 0; i < ENTRIES; i++) {
		/* what is only called comes from the last that has it, libc: a further preload (libfaketime's clock) must
		 * neither change what we record nor run inside of it */
		void *found = *slot(i) && (entries[i].is_hook || ex_real.is_found)
				      ? NULL
				      : ex_object_symbol(&object, entries[i].name);
		if (found)
			*slot(i) = found;
	}
	return 0;
}

static void find(void)
{
	int is_behind_us = 0;
	ex_object_each(visit, &is_behind_us);
	ex_real.is_found = 1;
}

void ex_real_find(void)
{
	if (!ex_real.is_found)
		find();
}

void ex_real_find_late(void)
{
	if (!ex_image.is_loader_stuck)
		find();
}

void ex_real_missing(void (*each)(const char *name))
{
	for (size_t i = 0; i < ENTRIES; i++)
		if (entries[i].is_hook && !*slot(i))
			each(entries[i].name);
}

int *ex_errno(void)
{
	static int none;
	return ex_real.__errno_location ? ex_real.__errno_location() : &none;
}
