/*
 * foreign.h: a block that was to be freed by one allocator and lay in memory which another module had got from the system.
 * Seen only in runs with free=own, where the library notes what the wrapped family gives out.
 */
#ifndef EX_FOREIGN_H
#define EX_FOREIGN_H

#include "process.h"

struct ex_foreign {
	const struct ex_image *image;
	const struct ex_event *event;	/* FOREIGN */
	const struct ex_event *mapping; /* the GROWTH that got the memory */
	const struct ex_module *frees, *gave;
};

/* the first one of the trace whose caller has that offset in its module; 0: there is none. A block that lies in the freeing allocator's own memory is none: it was
 * freed before, or is no block's beginning. Nor is one that lies in no memory that anybody asked for */
int ex_foreign_find(struct ex_foreign *foreign, const struct ex_processes *processes, uint64_t caller_offset);

#endif
