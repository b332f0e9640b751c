/* expect: SIGABRT by a check of libc's, by its first argument, with a heap of malloc that is whole or is not */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *volatile sink;

/* what the next chunk says of a free one is its last word: written after it was given back */
static void before(void)
{
	char *volatile large = malloc(0x428), *volatile next = malloc(40);
	free(large);
	*(volatile unsigned long *)(large + 0x420) = 0x7979797979797979;
	sink = malloc(0x800);
	free(next);
	sink = malloc(0x800);
	sink = malloc(0x428);
}
/* a length of no chunk, far from where malloc is working */
static void far(void)
{
	char *blocks[50];
	for (int i = 0; i < 50; i++)
		blocks[i] = malloc(200);
	memset(blocks[10] + 200, 'z', 16);
	sink = blocks[49];
	assert(!"whole");
}
/* much of everything, and nothing wrong */
static void whole(void)
{
	static char *blocks[3000];
	unsigned seed = 7;
	for (int i = 0; i < 60000; i++) {
		seed = seed * 1103515245u + 12345u;
		unsigned n = (seed >> 8) % 3000;
		size_t bytes = (seed >> 16) % 97 ? (seed >> 20) % 700 : (seed >> 20) % 90000;
		if (!blocks[n])
			blocks[n] = calloc(1, bytes);
		else if (seed & 64)
			blocks[n] = realloc(blocks[n], bytes + 1);
		else
			free(blocks[n]), blocks[n] = NULL;
	}
	assert(!"whole");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "before"))
		before();
	else if (argc > 1 && !strcmp(argv[1], "far"))
		far();
	else
		whole();
	puts("done");
	return 0;
}
