/*
 * expect: SIGSEGV at the pointer that is called. A function is made as JITs make them (rw, r-x), called, and given back; then
 * the old pointer is called. "reuse": the next function gets the same address first, and the stale call runs that:
 * another result and status 7, no crash. "kept": never given back, and all is well
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef int function(void);

/* mov $result, %eax; ret */
static function *compile(int result)
{
	unsigned char bytes[] = {0xb8, (unsigned char)result, 0, 0, 0, 0xc3};
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED)
		_exit(99);
	memcpy(code, bytes, sizeof(bytes));
	if (mprotect(code, 4096, PROT_READ | PROT_EXEC))
		_exit(99);
	return (function *)code;
}

static void release(function *code)
{
	munmap((void *)code, 4096);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	function *volatile old = compile(42);
	if (old() != 42)
		return 1;
	if (strcmp(how, "kept"))
		release(old);
	if (!strcmp(how, "reuse"))
		compile(7);
	int result = old();
	printf("%d\n", result);
	return result == 42 ? 0 : result;
}
