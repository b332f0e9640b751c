/* expect: status 0 and "done". As many blocks in use at once as the first argument says, then as many rounds as the second says of a
 * block that comes and goes. With a third, N, every Nth of those is written beyond by a byte, in what malloc rounds up to */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void beyond(unsigned char *at)
{
	volatile unsigned char *p = at;
	*p = 'x';
}

int main(int argc, char **argv)
{
	unsigned live = argc > 1 ? (unsigned)atoi(argv[1]) : 0, rounds = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
	unsigned bad = argc > 3 ? (unsigned)atoi(argv[3]) : 0, sum = 0;
	void **kept = malloc((live + 1) * sizeof(*kept));
	for (unsigned i = 0; i < live; i++)
		memset(kept[i] = malloc(24), 1, 24);
	for (unsigned i = 0; i < rounds; i++) {
		size_t bytes = bad ? 36 : 100 + i % 5000;
		unsigned char *volatile block = calloc(1, bytes);
		sum += block[bytes / 2];
		memset(block, 2, bytes < 100 ? bytes : 100);
		if (bad && i % bad == 3)
			beyond(block + bytes); /* malloc gives 40, a guarded block ends 12 before its page */
		free(block);
	}
	for (unsigned i = 0; i < live; i++)
		free(kept[i]);
	free(kept);
	printf("done %u\n", sum);
	return 0;
}
