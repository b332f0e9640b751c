/* expect: SIGSEGV at exit: an instrumented program with an allocator of its own inside, whose heap main's only exit
 * handler unmaps; the profile writer needs it, and no other handler runs before it dies */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#define HEAP_BYTES ((size_t)64 << 20)
static char *heap;
static size_t used;
void *malloc(size_t bytes)
{
	if (!heap)
		heap = mmap(NULL, HEAP_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t *block = (size_t *)(heap + used);
	used += (bytes + 31) & ~(size_t)15;
	*block = bytes;
	return block + 2;
}
void free(void *block)
{
	(void)block;
}
void *calloc(size_t count, size_t bytes)
{
	return malloc(count * bytes); /* fresh pages are zero, and nothing is used twice */
}
void *realloc(void *old, size_t bytes)
{
	void *block = malloc(bytes);
	if (old)
		memcpy(block, old, ((size_t *)old)[-2] < bytes ? ((size_t *)old)[-2] : bytes);
	return block;
}
static void let_go(void)
{
	munmap(heap, HEAP_BYTES);
}
int main(void)
{
	atexit(let_go);
	return 0;
}
