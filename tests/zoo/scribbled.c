/*
 * expect: exit 0 and one line for each way of getting memory: the first and the last byte of a block that was got, and of one
 * that was given back ("-": what was there before is left; zero from calloc). With "double", SIGABRT: a block is freed twice, as glibc
 * finds; with "fresh" SIGSEGV of a pointer out of a block that was never written; with "freed" of one out of a freed block
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES ((size_t)200)
#define LARGE ((size_t)3 << 20)

struct box {
	long unused[4];
	char *text;
};

/* compilers know what malloc and free mean */
static void *(*volatile get)(size_t bytes) = malloc;
static void (*volatile give_back)(void *block) = free;
static void *kept;

static void tell(const char *what, const volatile unsigned char *block, size_t bytes)
{
	printf("%s %02x %02x\n", what, block[0], block[bytes - 1]);
}

static void freed(const char *what, void *block)
{
	volatile unsigned char *at = block;
	give_back((void *)at);
	/* an allocator keeps its own words at the begin */
	printf("%s %02x %02x\n", what, at[64], at[BYTES - 1]);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	struct box *box = kept = get(sizeof(*box));
	if (!strcmp(how, "fresh"))
		return box->text[1];
	box->text = (char *)how;
	if (!strcmp(how, "freed")) {
		give_back(kept); /* box, for who knows it */
		return box->text[0];
	}
	if (!strcmp(how, "double")) {
		give_back(kept);
		give_back(kept);
		return 0;
	}
	void *block = NULL;
	tell("malloc", kept = get(BYTES), BYTES);
	freed("free", kept);
	tell("calloc", kept = calloc(BYTES, 1), BYTES);
	freed("free", kept);
	tell("aligned_alloc", kept = aligned_alloc(64, 256), 256);
	freed("free", kept);
	if (!posix_memalign(&block, 64, BYTES))
		tell("posix_memalign", block, BYTES);
	freed("free", block);
	block = get(BYTES);
	size_t usable = malloc_usable_size(block);
	memset(block, 7, usable);
	tell("realloc", kept = realloc(block, 4 * BYTES), usable);
	tell("grown", (unsigned char *)kept + usable, 4 * BYTES - usable);
	tell("shrunk", kept = realloc(kept, BYTES), BYTES);
	freed("free", kept);
	tell("large", kept = get(LARGE), LARGE);
	give_back(kept);
	return 0;
}
