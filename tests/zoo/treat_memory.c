/* expect: exit 0: a handler gives memory back in every way, one that runs behind it says what is still there */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BYTES (1 << 20)

enum way { UNMAP, DISCARD, PROTECT, SHRINK, FREE_LARGE, BREAK, TRIM, WAYS };
static const char *const names[] = {"munmap", "madvise", "mprotect", "mremap", "free", "sbrk", "trim"};
static char *places[WAYS];
static int pipes[2];

static void say(const char *name, const char *what)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%s %s\n", name, what);
	if (write(1, line, n) != n)
		_exit(99);
}

static int is_there(const char *p)
{
	char byte = 0;
	return write(pipes[1], p, 1) == 1 && read(pipes[0], &byte, 1) == 1 && byte == 'x';
}

static char *map(void)
{
	char *p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? NULL : memset(p, 'x', BYTES);
}

static void look(void)
{
	for (int i = 0; i < WAYS; i++)
		say(names[i], is_there(places[i]) ? "stays" : "gone");
	/* what was unmapped may be somebody else's by now */
	char *again = mmap(places[DISCARD], BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	say("over it", again == places[DISCARD] && *again == 0 ? "new" : "old");
}

static void give_back(void)
{
	int is_good = !munmap(places[UNMAP], BYTES) && !madvise(places[DISCARD], BYTES, MADV_DONTNEED) &&
		      !mprotect(places[PROTECT], BYTES, PROT_NONE) &&
		      mremap(places[SHRINK] - BYTES / 2, BYTES, BYTES / 2, 0) == places[SHRINK] - BYTES / 2;
	free(places[FREE_LARGE]);
	void *before = sbrk(0);
	is_good &= sbrk(-BYTES) == before;
	is_good &= munmap((void *)1, BYTES) == -1;
	free(places[TRIM] - BYTES / 2);
	malloc_trim(0);
	say("calls", is_good ? "succeed" : "fail");
}

int main(void)
{
	if (pipe(pipes))
		return 1;
	mallopt(M_MMAP_THRESHOLD, 8 * BYTES);
	places[TRIM] = memset(malloc(BYTES), 'x', BYTES);
	places[TRIM] += BYTES / 2;
	if (!malloc(64)) /* so that the block before is not at the heap's end */
		return 1;
	places[FREE_LARGE] = memset(malloc(16 * BYTES), 'x', 16 * BYTES);
	places[UNMAP] = map();
	places[DISCARD] = map();
	places[PROTECT] = map();
	places[SHRINK] = map() + BYTES / 2;
	if (sbrk(2 * BYTES) == (void *)-1)
		return 1;
	places[BREAK] = (char *)sbrk(0) - BYTES / 2;
	*places[BREAK] = 'x';
	atexit(look);
	atexit(give_back);
	return 0;
}
