/* expect: 0. What calls of the malloc family answer, errno included, when they cannot do what they are asked to and when they
 * can. With "usable": whether malloc_usable_size answers what was asked for, in every case; with "refused": when memory is used
 * up, within a limit. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static volatile size_t most = SIZE_MAX, half = SIZE_MAX / 2 + 2, huge = (size_t)1 << 60;

static void say(const char *what, void *block)
{
	printf("%s: %s, errno %d\n", what, block ? "a block" : "NULL", errno);
	errno = 7;
}

static void fails(void)
{
	void *volatile block = NULL;
	errno = 7;
	say("malloc", malloc(most));
	say("malloc, a little less", malloc(most - 16));
	say("malloc, huge", malloc(huge));
	say("calloc", calloc(half, 2));
	say("calloc, whose product is small", calloc(half, 4));
	say("reallocarray", reallocarray(NULL, half, 4));
	say("aligned_alloc", aligned_alloc(64, most));
	say("memalign", memalign(4096, most - 4096));
	void *out = &errno;
	printf("posix_memalign: %d", posix_memalign(&out, 3, 8));
	printf(", %d", posix_memalign(&out, 64, most));
	printf(", %s\n", out == &errno ? "untouched" : "touched");
	say("errno after it", NULL);
	block = malloc(100);
	memset(block, 'k', 100);
	void *volatile larger = realloc(block, most);
	say("realloc", larger);
	larger = reallocarray(block, half, 4);
	say("reallocarray of a block", larger);
	printf("kept: %d\n", ((char *)block)[99] == 'k');
	free(block);
}

static void succeeds(void)
{
	errno = 7;
	void *volatile block = malloc(10);
	say("malloc", block);
	block = realloc(block, 5000);
	say("realloc", block);
	free(block);
	say("free", NULL);
	free(NULL);
	say("free of nothing", NULL);
	block = calloc(3, 7);
	say("calloc", block);
	printf("usable: errno %d, enough: %d\n", errno, malloc_usable_size(block) >= 21);
	free(block);
	block = malloc((size_t)64 << 20); /* a mapping of its own, which free gives to the system */
	free(block);
	say("free of a large one", NULL);
}

/* memory is used up, within a limit */
static void refused(void)
{
	struct rlimit limit;
	static void *blocks[4096];
	unsigned count = 0;
	getrlimit(RLIMIT_DATA, &limit);
	limit.rlim_cur = (rlim_t)192 << 20;
	setrlimit(RLIMIT_DATA, &limit);
	errno = 7;
	while (count < 4096 && (blocks[count] = malloc((size_t)1 << 20)))
		memset(blocks[count++], 1, 4096);
	printf("refused: %s, errno %d\n", count > 100 && count < 200 ? "in time" : "too early or too late", errno);
	while (count)
		free(blocks[--count]);
	void *volatile block = malloc(1000);
	printf("and then: %d\n", block != NULL);
	free(block);
}

static void usable(void)
{
	int is_exact = 1;
	for (size_t bytes = 0; bytes < 3000; bytes++) {
		void *volatile block = malloc(bytes), *volatile aligned = memalign(64, bytes),
			       *volatile zeroed = calloc(1, bytes);
		is_exact &= malloc_usable_size(block) == bytes && malloc_usable_size(aligned) == bytes &&
			    malloc_usable_size(zeroed) == bytes;
		block = realloc(block, bytes * 2 + 1);
		is_exact &= malloc_usable_size(block) == bytes * 2 + 1;
		free(block);
		free(aligned);
		free(zeroed);
	}
	puts(is_exact ? "exact" : "more than was asked for");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "usable")) {
		usable();
	} else if (argc > 1 && !strcmp(argv[1], "refused")) {
		refused();
	} else {
		fails();
		succeeds();
	}
	return 0;
}
