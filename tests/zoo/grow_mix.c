/* expect: exit 0. Six threads at once, each in its own way: small blocks, large blocks, blocks of others given back,
 * malloc_trim, short-lived threads, and memory of the program's own */
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include "grow.h"

static struct grow_block *_Atomic handed;

static void small(void)
{
	grow_free(grow_small(6 << 20, 3, NULL));
}
static void large(void)
{
	for (int i = 0; i < 50; i++) {
		char *volatile block = malloc(1 << 20);
		if (!block || !(block = realloc(block, 3 << 20)))
			GROW_FAIL("large");
		free(block);
	}
}
static void hand(void)
{
	for (int i = 0; i < 5000; i++) {
		struct grow_block *block = grow_block(3000, NULL);
		free(atomic_exchange(&handed, block));
	}
}
static void trim(void)
{
	for (int i = 0; i < 10; i++) {
		grow_free(grow_small(1 << 20, 5, NULL));
		malloc_trim(0);
	}
}
static void *short_life(void *n)
{
	grow_free(grow_small(100 << 10, (unsigned)(long)n + 1, NULL));
	return NULL;
}
static void threads(void)
{
	for (int i = 0; i < 10; i++)
		grow_threads(3, short_life);
}
static void own(void)
{
	for (int i = 0; i < 200; i++) {
		char *page = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED)
			GROW_FAIL("mmap");
		page[0] = 1;
		if (mprotect(page, 4096, PROT_READ) || madvise(page, 16384, MADV_DONTNEED))
			GROW_FAIL("mprotect, madvise");
		page = mremap(page + 4096, 12288, 4096, MREMAP_MAYMOVE);
		if (page == MAP_FAILED || munmap(page - 4096, 8192))
			GROW_FAIL("mremap, munmap");
	}
}

static void *body(void *n)
{
	static void (*const ways[])(void) = {small, large, hand, trim, threads, own};
	ways[(intptr_t)n]();
	return NULL;
}

int main(void)
{
	GROW_MARK("begin");
	grow_threads(6, body);
	free(atomic_exchange(&handed, NULL));
	return grow_done();
}
