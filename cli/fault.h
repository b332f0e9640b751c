/*
 * fault.h: the fault that a process ended of, and what the memory map had there. Out of the events CRASH and FAULT_MAP. A
 * handler of the program's own may stand between: it saw the fault, and ended the process by abort, a signal or _exit.
 */
#ifndef EX_FAULT_H
#define EX_FAULT_H

#include "process.h"

struct ex_fault {
	const struct ex_event *event; /* CRASH, by SIGSEGV or SIGBUS of the kernel's; NULL: there was none */
	const struct ex_event *map;   /* its FAULT_MAP, NULL */
	int is_handled;		      /* a handler of the program's saw it */
	int is_left;		      /* and was left by a jump: the program had recovered */
	uint64_t lived_ns;	      /* from it to the end */
};

void ex_fault_find(struct ex_fault *fault, const struct ex_image *image);
/* the one that belongs to that CRASH, NULL */
const struct ex_event *ex_fault_map_of(const struct ex_image *image, const struct ex_event *crash);
/* the CRASH of the thread that spoke for the process: several may die at once, and one looks around. NULL */
const struct ex_event *ex_fault_spoken(const struct ex_image *image);
/* a mapping is there that permits what was tried, as far as that is known: natively it would not have faulted */
int ex_fault_is_permitted(const struct ex_fault *fault);
/* a mapping is there that permits nothing */
int ex_fault_is_without_access(const struct ex_fault *fault);
/* "0x7f…-0x7f… there, readable and writable", where being " there" or ""; NULL: nothing is there */
const char *ex_fault_mapping_text(const struct ex_event *map, const char *where);
/* "860 MiB past the end of 0x…-0x… (r--, /x/lib.so)"; NULL: the map has nothing at all */
const char *ex_fault_nearest_text(const struct ex_event *map);
/* the nearer of the mappings around; 0: none */
int ex_fault_nearest(const struct ex_event *map, uint64_t *begin, uint64_t *end);

#endif
