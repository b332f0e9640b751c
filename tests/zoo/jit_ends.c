/*
 * expect: what its first argument says. "fetch": SIGSEGV, running memory that is writable and not executable; "store": SIGSEGV,
 * writing to code; "data": SIGSEGV, reading data that was unmapped; "null": code is given back, then a null pointer is
 * called; "wild": code is given back, then an address that belongs to nothing is read; "abort": code is given back, then
 * abort; "status": code is given back, and 3 is returned; "toggle": code is written, run, written and run, and all is well
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef int function(void);

static void write_code(void *code, int result)
{
	unsigned char bytes[] = {0xb8, (unsigned char)result, 0, 0, 0, 0xc3};
	memcpy(code, bytes, sizeof(bytes));
}

static void *map(void)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED)
		_exit(99);
	write_code(code, 42);
	return code;
}

static void protect(void *code, int prot)
{
	if (mprotect(code, 4096, prot))
		_exit(99);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	function *volatile nowhere = NULL;
	void *code = map();
	if (!strcmp(how, "fetch"))
		return ((function *)code)();
	if (!strcmp(how, "data")) {
		munmap(code, 4096);
		return *(volatile unsigned char *)code;
	}
	protect(code, PROT_READ | PROT_EXEC);
	if (((function *)code)() != 42)
		return 1;
	if (!strcmp(how, "store"))
		write_code(code, 7);
	if (!strcmp(how, "toggle")) {
		protect(code, PROT_READ | PROT_WRITE);
		write_code(code, 7);
		protect(code, PROT_READ | PROT_EXEC);
		return ((function *)code)() == 7 ? 0 : 2;
	}
	munmap(code, 4096);
	if (!strcmp(how, "null"))
		return nowhere();
	if (!strcmp(how, "wild"))
		return *(volatile int *)((uintptr_t)code + (900ul << 20));
	if (!strcmp(how, "abort"))
		abort();
	return 3;
}
