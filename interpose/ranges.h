/*
 * ranges.h: a set of address ranges in a fixed table, sorted; ranges that touch become one. Valid when zero. Each call
 * holds the table's lock for as long as it takes to move a part of it.
 */
#ifndef EX_RANGES_H
#define EX_RANGES_H

#include <stdint.h>

#define EX_RANGES_MAX 8192

struct ex_range {
	uintptr_t begin, end;
};
struct ex_ranges {
	uint32_t lock;
	uint32_t count;
	uint32_t lost; /* that there was no room for, or no lock: a signal handler over the holder */
	struct ex_range list[EX_RANGES_MAX];
};

/* 1, or 0 when it is lost */
int ex_ranges_add(struct ex_ranges *ranges, uintptr_t begin, uintptr_t end);
/* what lies in there is no more in the set */
void ex_ranges_remove(struct ex_ranges *ranges, uintptr_t begin, uintptr_t end);
/* the first piece of the set that lies between begin and end; 0 when there is none */
int ex_ranges_first(struct ex_ranges *ranges, uintptr_t begin, uintptr_t end, struct ex_range *piece);

#endif
