/*
 * neighbours.h: what an allocator has beside a block of so many bytes. Measured, in a process of our own that has that allocator
 * preloaded: nothing about it has to be known beforehand, and no table can be out of date.
 */
#ifndef EX_NEIGHBOURS_H
#define EX_NEIGHBOURS_H

#include <stdint.h>

struct ex_neighbours {
	int is_known;
	uint64_t usable_bytes; /* that the block has: as many as were asked for, or more */
	int64_t own_bytes;     /* of the allocator's between that and the next block; -1: not known */
	uint64_t
		link_bytes; /* from a block's beginning, that the allocator uses once it has been given back; 0: none */
};

/* preload: library, NULL: none more than we ourselves have */
void ex_neighbours_measure(struct ex_neighbours *neighbours, const char *preload, uint64_t bytes);

/* what main calls for EX_NEIGHBOURS_WORD BYTES: measures in this process, and prints; an exit status */
#define EX_NEIGHBOURS_WORD "--measure-neighbours"
int ex_neighbours_main(const char *bytes);

#endif
