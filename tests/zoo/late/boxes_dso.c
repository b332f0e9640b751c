/* expect: a library with an allocator of its own, which nobody else is bound to: large blocks, 64 bytes behind a head */
#include "late.h"

void *box_make(size_t bytes);
void *box_make(size_t bytes)
{
	static char *next, *end;
	if (!next) {
		next = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		end = next + (8 << 20);
	}
	if (next + bytes + 64 > end)
		return NULL;
	char *box = next + 64;
	next += (bytes + 127) & ~(size_t)63;
	return box;
}
