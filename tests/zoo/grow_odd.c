/* expect: exit 0; what it prints must be the same with and without observation: result and errno of memory calls with odd
 * arguments, one line each. errno is 123 before each. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096l
#define NOWHERE ((char *)0x7000000000)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW (PROT_READ | PROT_WRITE)
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static char text[16384];
static int at;

static long tell(const char *what, long result)
{
	int error = errno;
	at += snprintf(text + at, sizeof(text) - (size_t)at, "%s: %s, errno %d\n", what,
		       result == -1 ? "-1"
		       : result	    ? "something"
				    : "0",
		       error);
	return result;
}
#define TRY(call) tell(#call, (errno = 123, (long)(call)))

int main(void)
{
	volatile size_t all = SIZE_MAX, exabyte = 1ul << 60; /* not for the compiler to see through */
	static char data[2 * PAGE];
	char *page = (char *)((uintptr_t)(data + PAGE) & ~(uintptr_t)(PAGE - 1));

	TRY(mmap(NULL, 0, RW, ANON, -1, 0));
	TRY(mmap(NULL, PAGE, RW, 0, -1, 0));
	TRY(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0));
	TRY(mmap(NULL, PAGE, RW, ANON, -1, 123));
	TRY(mmap(NULL, exabyte, RW, ANON, -1, 0));
	TRY(mmap(NULL, all, RW, ANON, -1, 0));
	TRY(mmap(NOWHERE + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0));
	char *m = (char *)TRY(mmap(NULL, 4 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0));
	TRY(mmap(m, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	TRY(mmap(m, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0));
	TRY(munmap(m + 1, PAGE));
	TRY(munmap(m, 0));
	TRY(munmap(NOWHERE, PAGE));
	TRY(munmap((char *)-PAGE, PAGE));
	TRY(munmap(m, 4 * PAGE));
	TRY(mprotect(NOWHERE, PAGE, RW));
	TRY(mprotect(page + 1, PAGE, RW));
	TRY(mprotect(NOWHERE, 0, RW));
	TRY(mprotect(page, PAGE, 0x100));
	TRY(madvise(page, PAGE, 9999));
	TRY(madvise(page + 1, PAGE, MADV_DONTNEED));
	TRY(madvise(NOWHERE, PAGE, MADV_DONTNEED));

	m = (char *)TRY(mmap(NULL, 4 * PAGE, RW, ANON, -1, 0));
	char *room = (char *)TRY(mmap(NULL, 16 * PAGE, PROT_NONE, ANON, -1, 0));
	TRY(mremap(m, 4 * PAGE, 4 * PAGE, 0));
	TRY(mremap(m, 0, 4 * PAGE, MREMAP_MAYMOVE));
	TRY(mremap(m, PAGE, 0, MREMAP_MAYMOVE));
	TRY(mremap(m, PAGE, PAGE, 0x80));
	TRY(mremap(m, PAGE, PAGE, MREMAP_FIXED, room));
	TRY(mremap(m, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room) == room);
	TRY(mremap(room, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room + PAGE));
	TRY(mremap(room, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
	TRY(mremap(room, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
	TRY(mremap(NOWHERE, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	char *shared = (char *)TRY(mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	TRY(mremap(shared, 0, 4 * PAGE, MREMAP_MAYMOVE));
	TRY(mremap(shared, 4 * PAGE, PAGE, 0));

	char *end = sbrk(0);
	TRY(brk(NULL));
	TRY(brk((char *)PAGE));
	TRY(brk((char *)(1ul << 46)));
	TRY(sbrk(1));
	TRY(sbrk(-1));
	TRY(sbrk(0) == end);
	TRY(sbrk(3 * PAGE + 17));
	TRY(brk(end + 5));
	TRY((char *)sbrk(0) - end == 5);
	TRY(sbrk(1l << 46));
	TRY(sbrk(INTPTR_MIN));
	TRY(sbrk(INTPTR_MAX));

	void *block;
	TRY(malloc(exabyte));
	TRY(malloc(all));
	TRY(calloc(all, 16));
	TRY(realloc(NULL, exabyte));
	TRY(aligned_alloc(64, all));
	TRY(posix_memalign(&block, 3, 10));
	TRY(posix_memalign(&block, 64, exabyte));
	block = (void *)TRY(malloc(1 << 20));
	block = (void *)TRY(realloc(block, 1 << 22));
	TRY((free(block), 1));
	TRY(mallopt(M_MMAP_THRESHOLD, 0));
	block = (void *)TRY(malloc(10));
	block = (void *)TRY(realloc(block, 100000));
	TRY((free(block), 1));
	TRY(mallopt(M_MMAP_MAX, 0));
	block = (void *)TRY(malloc(1 << 24));
	TRY((free(block), 1));
	TRY(mallopt(M_TRIM_THRESHOLD, 0));
	block = (void *)TRY(malloc(1 << 20));
	TRY((free(block), 1));
	return write(1, text, (size_t)at) == at ? 0 : 1;
}
