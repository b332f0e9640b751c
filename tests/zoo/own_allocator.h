/*
 * own_allocator.h: the body of the three preloadable allocators own_allocator*.c, which differ only in how they let go
 * of their pool in an exit handler (the macro POOL_LET_GO), and do so only when OWNALLOC_DESTROY=1. One mapped pool,
 * free lists by power of two. No function is called as any known allocator calls it: no tool may know them by name.
 */
#ifndef ZOO_OWN_ALLOCATOR_H
#define ZOO_OWN_ALLOCATOR_H

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define POOL_BYTES ((size_t)256 << 20)
#define HEAD_BYTES 32

struct piece {
	struct piece *next;
	size_t bytes; /* of the power of two it belongs to, 0 for an aligned one, which is never reused */
	size_t asked;
	size_t pad;
};
struct pool {
	size_t used;
	struct piece *free_by_power[64];
};

static struct pool *the_pool;
static atomic_flag busy = ATOMIC_FLAG_INIT;

static struct pool *ground(void)
{
	static atomic_int opened;
	if (!atomic_exchange(&opened, 1)) {
		void *begin = mmap(NULL, POOL_BYTES, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (begin == MAP_FAILED)
			_exit(98);
		the_pool = begin;
		the_pool->used = (sizeof(struct pool) + 63) & ~(size_t)63;
	}
	return the_pool;
}

static void *cut(size_t asked, size_t align)
{
	while (atomic_flag_test_and_set(&busy))
		;
	struct pool *pool = ground();
	struct piece *piece = NULL;
	int power = 6;
	while (((size_t)1 << power) < asked + HEAD_BYTES && power < 40)
		power++;
	if (align <= 16 && pool->free_by_power[power]) {
		piece = pool->free_by_power[power];
		pool->free_by_power[power] = piece->next;
	} else {
		size_t at = pool->used + HEAD_BYTES;
		at = (at + align - 1) & ~(align - 1);
		if (at + ((size_t)1 << power) < POOL_BYTES) {
			piece = (struct piece *)((char *)pool + at - HEAD_BYTES);
			pool->used = at + ((size_t)1 << power) - HEAD_BYTES;
			piece->bytes = align <= 16 ? (size_t)power : 0;
		}
	}
	if (piece)
		piece->asked = asked;
	atomic_flag_clear(&busy);
	if (!piece) {
		errno = ENOMEM;
		return NULL;
	}
	return (char *)piece + HEAD_BYTES;
}

void *malloc(size_t bytes)
{
	return cut(bytes, 16);
}
void free(void *block)
{
	if (!block)
		return;
	struct piece *piece = (struct piece *)((char *)block - HEAD_BYTES);
	if (!piece->bytes)
		return;
	while (atomic_flag_test_and_set(&busy))
		;
	struct pool *pool = ground();
	piece->next = pool->free_by_power[piece->bytes];
	pool->free_by_power[piece->bytes] = piece;
	atomic_flag_clear(&busy);
}
void *calloc(size_t n, size_t bytes)
{
	size_t all;
	if (__builtin_mul_overflow(n, bytes, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	void *block = cut(all, 16);
	if (block)
		memset(block, 0, all);
	return block;
}
void *realloc(void *block, size_t bytes)
{
	void *fresh = cut(bytes, 16);
	if (fresh && block) {
		size_t had = ((struct piece *)((char *)block - HEAD_BYTES))->asked;
		memcpy(fresh, block, had < bytes ? had : bytes);
		free(block);
	}
	return fresh;
}
void *memalign(size_t align, size_t bytes);
void *memalign(size_t align, size_t bytes)
{
	return cut(bytes, align < 16 ? 16 : align);
}
void *aligned_alloc(size_t align, size_t bytes)
{
	return memalign(align, bytes);
}
int posix_memalign(void **block, size_t align, size_t bytes)
{
	*block = memalign(align, bytes);
	return *block ? 0 : ENOMEM;
}
size_t malloc_usable_size(void *block);
size_t malloc_usable_size(void *block)
{
	return block ? ((struct piece *)((char *)block - HEAD_BYTES))->asked : 0;
}

static void last_step(void)
{
	POOL_LET_GO;
}
static void idle_step(void)
{
}
__attribute__((constructor)) static void first_step(void)
{
	const char *wanted = getenv("OWNALLOC_DESTROY");
	ground();
	atexit(idle_step);
	if (wanted && !strcmp(wanted, "1"))
		atexit(last_step);
	atexit(idle_step);
}

#endif
