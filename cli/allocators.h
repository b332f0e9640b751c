/*
 * allocators.h: which allocators a process image has. Two questions, kept apart: which module serves malloc is a
 * recorded fact; what it is called comes from schema/allocators.def and is for people only.
 */
#ifndef EX_ALLOCATORS_H
#define EX_ALLOCATORS_H

#include "symbols.h"

struct ex_allocator {
	const char *name;	  /* from the table; else the module's file name */
	const char *version;	  /* NULL when not known */
	const char *how;	  /* "preload", "shared", "static" */
	const char *exit_handler; /* what its source calls its exit handler, "" */
	const char *functions;	  /* how names of its functions begin, with blanks between; NULL: not in the table */
	int is_inside;		  /* of a module that has code of its own */
	const struct ex_module *module;
};

/* the module that malloc is bound to, NULL when nothing says */
const struct ex_module *ex_allocators_malloc(const struct ex_image *image, struct ex_symbols *symbols);
/* all of them, the one that serves malloc first; returns their number */
size_t ex_allocators_find(const struct ex_image *image, struct ex_symbols *symbols, struct ex_allocator **list);
/* whether a function of that name is its own, in a module that has it inside */
int ex_allocator_has(const struct ex_allocator *allocator, const char *symbol);

#endif
