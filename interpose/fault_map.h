/*
 * fault_map.h: what the memory map has at an address that a fault was on. It tells a wild address from memory that a
 * sandbox could not back, and from a page without access.
 */
#ifndef EX_FAULT_MAP_H
#define EX_FAULT_MAP_H

#include <stdint.h>

struct ex_fault_map {
	uintptr_t address;
	uintptr_t begin, end; /* of the mapping that it lies in, 0 = none */
	int prot;
	uintptr_t before_begin, before_end, after_begin, after_end; /* nearest ones, 0 = none */
	int before_prot, after_prot;
	char path[256]; /* of the one that it lies in, else of the nearer one */
};

/* 1, or 0 when the map cannot be read. Signal-safe; on whatever stack */
int ex_fault_map(struct ex_fault_map *map, uintptr_t address);
void ex_fault_map_tell(const struct ex_fault_map *map);

#endif
