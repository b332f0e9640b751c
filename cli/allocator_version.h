/*
 * allocator_version.h: which version of an allocator is in a module. For allocators.c.
 */
#ifndef EX_ALLOCATOR_VERSION_H
#define EX_ALLOCATOR_VERSION_H

#include "object.h"

struct ex_known_allocator { /* a row of allocators.def */
	const char *name, *version_symbol;
	unsigned version_base;
	const char *exit_handler, *soname, *version_mark, *version_printer, *inside, *functions, *marks;
};
/* allocators.c: the last has no name */
extern const struct ex_known_allocator ex_known_allocators[];

/* where its code is read: of a process's module, or of a file alone */
struct ex_allocator_code {
	void *arg;
	uint64_t (*address)(void *arg, const char *names); /* of the first function that is there, blanks between; 0 */
	int (*read)(void *arg, uint64_t address, void *buffer, size_t length);
	const char *file;  /* NULL: not found */
	const char *bytes; /* of it, if they are in memory already; length of them */
	size_t length;
};

/* what the allocator in that module said itself: its event, NULL */
const struct ex_event *ex_allocator_told(const struct ex_image *image, const struct ex_module *module,
					 const char *version_symbol);
/* NULL when nothing says */
const char *ex_allocator_version(const struct ex_image *image, struct ex_object *object,
				 const struct ex_known_allocator *entry);
const char *ex_allocator_version_in(const struct ex_allocator_code *code, const struct ex_known_allocator *entry);
const char *ex_allocator_libc_version(const char *file);

#endif
