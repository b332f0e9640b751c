/* expect: 0. What is right, and looks like misuse of the heap to who is not careful; by its first argument. Prints "done",
 * and what it finds wrong with its memory, which is nothing */
#include <immintrin.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

static void check(int is_right, const char *what)
{
	if (!is_right)
		printf("wrong: %s\n", what);
}

/* all that malloc_usable_size answers may be used */
static void usable(void)
{
	for (size_t bytes = 0; bytes < 300; bytes += 7) {
		char *volatile block = malloc(bytes);
		size_t all = malloc_usable_size(block);
		check(all >= bytes, "usable");
		memset(block, 'u', all);
		block = realloc(block, all + 40);
		check(!all || block[all - 1] == 'u', "kept");
		memset(block, 'v', malloc_usable_size(block));
		free(block);
	}
	check(!malloc_usable_size(NULL), "usable of nothing");
}

/* as strlen does it: 16 bytes at a time, aligned, so that no page is touched that the text is not in */
NOINLINE static size_t length(const char *text)
{
	const __m128i zero = _mm_setzero_si128();
	const char *at = (const char *)((uintptr_t)text & ~(uintptr_t)15);
	unsigned found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_load_si128((const __m128i *)at), zero));
	found &= ~0u << (text - at);
	while (!found) {
		at += 16;
		found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_load_si128((const __m128i *)at), zero));
	}
	return (size_t)(at - text) + (unsigned)__builtin_ctz(found);
}
static void vectors(void)
{
	for (size_t bytes = 1; bytes < 200; bytes++) {
		char *volatile block = malloc(bytes);
		memset(block, 'x', bytes - 1);
		block[bytes - 1] = 0;
		check(length(block) == bytes - 1 && strlen(block) == bytes - 1, "length");
		check(strchr(block, 'y') == NULL && memchr(block, 0, bytes) == block + bytes - 1, "search");
		free(block);
	}
}

static void in_place(void)
{
	char *volatile block = malloc(1000);
	memset(block, 'a', 1000);
	for (size_t bytes = 990; bytes > 10; bytes -= 70) {
		block = realloc(block, bytes);
		check(block[0] == 'a' && block[bytes - 1] == 'a', "shrunk");
		memset(block, 'a', bytes);
	}
	for (size_t bytes = 10; bytes < 200000; bytes = bytes * 5 / 4 + 1) {
		block = realloc(block, bytes);
		memset(block, 'a', bytes);
	}
	block = realloc(block, 0);
	free(block); /* NULL, or as mimalloc has it another */
	block = reallocarray(NULL, 11, 13);
	memset(block, 1, 143);
	free(block);
}

static void aligned(void)
{
	void *block = NULL;
	for (size_t alignment = 16; alignment <= 8192; alignment *= 2)
		for (size_t bytes = 1; bytes < 5000; bytes = bytes * 3 + 5) {
			check(!posix_memalign(&block, alignment, bytes), "posix_memalign");
			check((uintptr_t)block % alignment == 0, "posix_memalign's alignment");
			memset(block, 2, bytes);
			free(block);
			block = memalign(alignment, bytes);
			check((uintptr_t)block % alignment == 0, "memalign's alignment");
			memset(block, 3, bytes);
			free(block);
			size_t whole = (bytes + alignment - 1) / alignment * alignment;
			block = aligned_alloc(alignment, whole); /* mimalloc 2.0.9 aligns to less */
			memset(block, 4, whole);
			block = realloc(block, bytes);
			memset(block, 5, bytes);
			free(block);
		}
	block = valloc(77);
	memset(block, 6, 77);
	check((uintptr_t)block % (uintptr_t)getpagesize() == 0, "valloc's alignment");
	free(block);
	/* what code for vectors counts on */
	for (size_t bytes = 16; bytes < 400; bytes += 8) {
		__m128i *volatile vector = malloc(bytes);
		_mm_store_si128(vector, _mm_set1_epi8(1));
		free(vector);
	}
}

static void zeroed(void)
{
	for (size_t bytes = 1; bytes < 300000; bytes = bytes * 2 + 3) {
		char *volatile dirty = malloc(bytes);
		memset(dirty, 'd', bytes);
		free(dirty);
		char *volatile clean = calloc(1, bytes);
		for (size_t i = 0; i < bytes; i++)
			check(!clean[i], "calloc");
		memset(clean, 'c', bytes);
		free(clean);
	}
}

static void nothing(void)
{
	void *volatile one = malloc(0), *volatile other = malloc(0), *volatile none = calloc(0, 8);
	check(one != other, "two of no bytes");
	free(one);
	free(other);
	free(none);
	free(NULL);
	one = realloc(NULL, 0);
	free(one);
}

static void forks(void)
{
	char *volatile before = malloc(200);
	memset(before, 'p', 200);
	for (int i = 0; i < 3; i++) {
		int status;
		pid_t child = fork();
		if (!child) {
			free(before);
			char *volatile own = malloc(100);
			memset(own, 'o', 100);
			own = realloc(own, 1000);
			free(own);
			exit(0);
		}
		waitpid(child, &status, 0);
		check(!status, "child");
	}
	check(before[199] == 'p', "the parent's own");
	free(before);
}

/* each gives back what the other has asked for */
static void *handed[2][500];
static pthread_barrier_t barrier;
static void *hands(void *argument)
{
	int me = argument != NULL;
	for (int i = 0; i < 500; i++) {
		handed[me][i] = malloc((size_t)i * 3 + 1);
		memset(handed[me][i], me, (size_t)i * 3 + 1);
	}
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 500; i++)
		free(handed[!me][i]);
	return NULL;
}
static void threads(void)
{
	pthread_t all[2];
	pthread_barrier_init(&barrier, NULL, 2);
	for (int i = 0; i < 2; i++)
		pthread_create(&all[i], NULL, hands, i ? all : NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(all[i], NULL);
}

static void *early;
__attribute__((constructor)) static void before_main(void)
{
	early = malloc(333);
	memset(early, 'e', 333);
}
static void at_the_end(void)
{
	free(early);
	free(malloc(50));
}
static void moments(void)
{
	early = realloc(early, 3333);
	memset(early, 'e', 3333);
	atexit(at_the_end);
}

/* blocks that libc asks for and the program gives back, and the other way round */
static void of_libc(void)
{
	char *line = NULL, *text = NULL;
	size_t room = 0;
	FILE *file = tmpfile();
	check(fputs("a line of some length\nand another, which is longer than the first one was\n", file) >= 0,
	      "fputs");
	rewind(file);
	while (getline(&line, &room, file) > 0)
		;
	fclose(file);
	free(line);
	check(asprintf(&text, "%0200d", 7) == 200, "asprintf");
	free(text);
	file = open_memstream(&text, &room);
	fprintf(file, "%s", "as it grows");
	fclose(file);
	free(text);
	text = realpath("/", NULL);
	free(text);
	text = getcwd(NULL, 0);
	free(text);
}

/* a length that is longer than what comes is no mistake where the block is as long */
static void reads(void)
{
	int ends[2];
	char *volatile block = malloc(64);
	check(!pipe(ends) && write(ends[1], "twelve bytes", 12) == 12, "pipe");
	check(read(ends[0], block, 64) == 12, "read");
	check(read(-1, block, 64) < 0, "read of nothing");
	check(write(ends[1], "twelve bytes and more", 21) == 21, "pipe");
	check(read(ends[0], block + 52, 12) == 12 && read(ends[0], block + 55, 9) == 9, "read to the end");
	free(block);
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {
	{"usable", usable},   {"vectors", vectors}, {"in-place", in_place}, {"aligned", aligned},
	{"zeroed", zeroed},   {"nothing", nothing}, {"forks", forks},	    {"threads", threads},
	{"moments", moments}, {"of-libc", of_libc}, {"reads", reads},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (argc < 2 || !strcmp(argv[1], ways[i].name))
			ways[i].run();
	puts("done");
	return 0;
}
