/*
 * expect: exit 0. As a program that has mimalloc linked in, as far as names go: Debian has no static mimalloc (the real
 * one is in tests/real). Its functions map twice and unmap once, the program itself maps once.
 */
#include <sys/mman.h>

#define FUNCTION __attribute__((noinline, noclone, used))

FUNCTION int mi_version(void)
{
	return 20302;
}

static FUNCTION void *unix_mmap(unsigned long bytes)
{
	void *volatile block = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return block;
}

FUNCTION void *_mi_malloc_generic(unsigned long bytes)
{
	void *volatile block = unix_mmap(bytes);
	return block;
}

static FUNCTION int _mi_os_free(void *block, unsigned long bytes)
{
	volatile int result = munmap(block, bytes);
	return result;
}

int main(void)
{
	void *first = _mi_malloc_generic(1 << 20), *second = _mi_malloc_generic(2 << 20);
	void *own = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return first == MAP_FAILED || second == MAP_FAILED || own == MAP_FAILED || _mi_os_free(first, 1 << 20);
}
