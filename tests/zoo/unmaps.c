/*
 * expect: SIGSEGV. One unmaps its memory twice, and in between another got the place; the other then dies of using what is its own.
 * "twice": of the same size; "larger": the other's is larger; "thread": in two threads; "block": the other is malloc; "code": it is
 * code; "codes": so was the first. None of that: "self": one who maps, unmaps, maps, unmaps, and uses it; "gone": unmapped once
 * and used; "harmless": unmapped twice with nobody in between, exit 0; "null": unmapped twice, then a null pointer
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE ((size_t)4096)
#define BYTES (16 * PAGE)
#define BLOCK ((size_t)1 << 20)

void *first_owner(size_t bytes);
char *second_owner(const char *how, size_t bytes);
void give_back(void *at, size_t bytes);

static void *map(void *hint, size_t bytes)
{
	void *at = mmap(hint, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		_exit(99);
	return at;
}

static void *hint = (void *)0x200000000000; /* nobody else goes there */

__attribute__((noinline)) void *first_owner(size_t bytes)
{
	return map(hint, bytes);
}

__attribute__((noinline)) void give_back(void *at, size_t bytes)
{
	if (munmap(at, bytes))
		_exit(99);
}

__attribute__((noinline)) char *second_owner(const char *how, size_t bytes)
{
	static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3};
	if (!strcmp(how, "block"))
		return malloc(BLOCK);
	char *at = map(hint, strcmp(how, "larger") ? bytes : 4 * bytes);
	if (!strncmp(how, "code", 4)) {
		memcpy(at, code, sizeof(code));
		mprotect(at, bytes, PROT_READ | PROT_EXEC);
	}
	return at;
}

static void *unmap_again(void *at)
{
	give_back(at, BYTES);
	return NULL;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	/* malloc's block with its head, in whole pages */
	size_t bytes = strcmp(how, "block") ? BYTES : BLOCK + PAGE;
	if (bytes != BYTES)
		hint = NULL; /* malloc's blocks go where the kernel likes: where there was room just now */
	char *first = first_owner(bytes);
	if (!strcmp(how, "codes"))
		mprotect(first, bytes, PROT_READ | PROT_EXEC);
	give_back(first, bytes);
	if (!strcmp(how, "gone"))
		return *(volatile char *)first;
	if (!strcmp(how, "harmless") || !strcmp(how, "null")) {
		give_back(first, bytes);
		return strcmp(how, "null") ? 0 : *(volatile char *)(uintptr_t)(argc - 2);
	}
	char *second = second_owner(how, bytes);
	if (!strcmp(how, "self")) {
		give_back(second, bytes);
	} else if (!strcmp(how, "thread")) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, unmap_again, first) || pthread_join(thread, NULL))
			return 99;
	} else {
		give_back(first, bytes);
	}
	if (!strncmp(how, "code", 4))
		return ((int (*)(void))(void *)second)() != 42;
	second[8] = 1;
	return second[8] != 1;
}
