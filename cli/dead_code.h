/*
 * dead_code.h: memory that was executable and went away while the process lived, or was made data again: a JIT does that before it
 * writes to its code, and before it gives a block of malloc back (cranelift-jit up to 0.126). Out of the events GROWTH and
 * QUARANTINED; what dlclose unmaps is told by module and is not in here.
 */
#ifndef EX_DEAD_CODE_H
#define EX_DEAD_CODE_H

#include "process.h"

struct ex_dead_code {
	uint64_t begin, end;
	const struct ex_event *made; /* GROWTH that made it executable */
	const struct ex_event *gone; /* GROWTH or QUARANTINED that took it away: carries who */
	int is_kept;		     /* reserved since by treatment keep */
	int is_data; /* it is mapped, and was made writable or nothing at all: perhaps it was given back */
};

/* in order of time, until until_ns; returns their number */
size_t ex_dead_code_find(const struct ex_image *image, uint64_t until_ns, struct ex_dead_code **list);
/* other memory was mapped there later, or it was made executable once more */
int ex_dead_code_is_reused(const struct ex_image *image, const struct ex_dead_code *dead, uint64_t until_ns);
/* the latest that holds the address, NULL */
const struct ex_dead_code *ex_dead_code_at(const struct ex_dead_code *list, size_t count, uint64_t address);
/* a fault of the process was in what was kept: it called, or jumped to, what it had given back. NULL: it was not */
const struct ex_dead_code *ex_dead_code_used(const struct ex_image *image);

#endif
