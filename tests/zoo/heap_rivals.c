/* expect: dies, by its first argument, of what is no misuse of a block of the heap, while many blocks are about */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline))

static void *blocks[200];

NOINLINE static void fill_some(void)
{
	for (int i = 0; i < 200; i++) {
		blocks[i] = malloc((size_t)i * 9 + 1);
		memset(blocks[i], i, (size_t)i * 9 + 1);
		if (i % 3 == 0) {
			free(blocks[i]);
			blocks[i] = NULL;
		}
	}
}

static void null(void)
{
	struct item {
		long number, other;
	} *volatile none = blocks[0];
	none->other = 1;
}
NOINLINE static int deeper(int n)
{
	volatile char room[400];
	room[n % 400] = 1;
	return n < 0 ? n : deeper(n + 1) + room[0];
}
static void recursion(void)
{
	printf("%d\n", deeper(0));
}
/* terabytes behind a block: no block's end is near */
static void wild(void)
{
	volatile char *block = blocks[199];
	volatile size_t i = (size_t)1 << 42;
	block[i] = 1;
}
static void constant(void)
{
	((volatile char *)"not to be written")[3] = 'X';
}
static void stack_block(void)
{
	char room[64];
	void *volatile not_a_block = room + 16;
	free(not_a_block);
}
static void middle(void)
{
	char *volatile block = blocks[100];
	char *volatile inside = block + 32;
	free(inside);
}
static void gives_up(void)
{
	if (blocks[1])
		abort();
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {
	{"null", null},		{"recursion", recursion},     {"wild", wild},
	{"constant", constant}, {"stack-block", stack_block}, {"middle", middle},
	{"gives-up", gives_up},
};

int main(int argc, char **argv)
{
	fill_some();
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(argv[1], ways[i].name))
			ways[i].run();
	puts("done");
	return 0;
}
