/*
 * growth.h: one call that changes the memory of the process, from its begin to its event; what treatments do to it.
 *
 * A growing section lasts from a growth's call to its return, or, where malloc is wrapped, to the return of the call of
 * the malloc family; and never beyond the moment at which its thread waits for an arena's lock.
 */
#ifndef EX_GROWTH_H
#define EX_GROWTH_H

#include <stdint.h>

#include "expand.h"

struct ex_growth {
	struct ex_ev_growth event;
	uint64_t begin_ns;
	int errno_before;
	uint8_t is_section; /* it began the section that it is in */
	uint8_t is_code;    /* of memory that is, was or will be executable: told with its stack */
};

/* at the start of an image, when options are read; alone as for ex_detour_place */
void ex_growth_start(int is_alone);
/* in a fork child; one that goes on in place of its parent counts on */
void ex_growth_forget(int goes_on);
/* whether calls are observed at all just now; cheap */
int ex_growth_is_on(void);
/* the module that malloc comes from, when that is not the C library */
int ex_is_other_allocator(uintptr_t address);

/* fields of event that describe the call are filled in. 0, or the errno with which a treatment refuses it */
int ex_growth_begin(struct ex_growth *growth, int is_growth);
/* error: 0 or errno of the call */
void ex_growth_end(struct ex_growth *growth, int error);
/* the growing section of this thread, if there is one, is over */
void ex_growth_section_end(void);
/* the arena of the heap that this thread made last can be told from now on */
void ex_growth_settle(void);

#endif
