/*
 * scarce.h: programs for which memory is short: a soft limit of what they have already and ROOM_BYTES more. Soft, so that
 * anybody may raise it; counted from what they have, so that it does not matter who else is in the process.
 */
#ifndef ZOO_SCARCE_H
#define ZOO_SCARCE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define ROOM_BYTES ((size_t)24 << 20)
#define WANTED_BYTES ((size_t)64 << 20)
#define BLOCK_BYTES ((size_t)100 << 10) /* less than what gets a mapping of its own */

/* of RLIMIT_AS, or RLIMIT_DATA */
static inline void scarce(int which)
{
	struct rlimit limit;
	unsigned long pages = 0, data = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (!f || fscanf(f, "%lu %*u %*u %*u %*u %lu", &pages, &data) != 2)
		_exit(99);
	fclose(f);
	getrlimit((__rlimit_resource_t)which, &limit);
	limit.rlim_cur = (which == RLIMIT_AS ? pages : data) * (size_t)sysconf(_SC_PAGESIZE) + ROOM_BYTES;
	if (setrlimit((__rlimit_resource_t)which, &limit))
		_exit(99);
}

/* volatile: a store that nobody reads would be left out, and the fault with it */
struct block {
	struct block *volatile older;
	char bytes[BLOCK_BYTES - sizeof(void *)];
};

#endif
