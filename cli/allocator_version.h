/*
 * allocator_version.h: which version of an allocator is in a module. For allocators.c.
 */
#ifndef EX_ALLOCATOR_VERSION_H
#define EX_ALLOCATOR_VERSION_H

#include "object.h"

struct ex_known_allocator { /* a row of allocators.def */
	const char *name, *version_symbol;
	unsigned version_base;
	const char *exit_handler, *soname, *version_mark, *version_printer, *inside, *functions;
};

/* what the allocator in that module said itself: its event, NULL */
const struct ex_event *ex_allocator_told(const struct ex_image *image, const struct ex_module *module,
					 const char *version_symbol);
/* NULL when nothing says */
const char *ex_allocator_version(const struct ex_image *image, struct ex_object *object,
				 const struct ex_known_allocator *entry);
const char *ex_allocator_libc_version(const char *file);

#endif
