/* expect: whatever. One misuse of the heap, by its first argument, repeated as often as the second says (3): what comes of it depends on
 * the allocator. Prints "done" at the end */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

/* each block is asked for in a function of its own, and spoilt in another: both have names to be told */
NOINLINE static char *give(size_t bytes)
{
	char *volatile block = malloc(bytes);
	memset(block, 1, bytes);
	return block;
}

NOINLINE static void store(char *at, size_t bytes)
{
	volatile char *p = at;
	while (bytes--)
		*p++ = 'x';
}

NOINLINE static void store_word(char *at)
{
	*(volatile unsigned long *)at = 0x7878787878787878;
}

NOINLINE static long load(const char *at)
{
	return *(const volatile char *)at;
}

static void finish(char *block)
{
	char *volatile b = block;
	free(b);
}

static void over(size_t asked, size_t bytes)
{
	char *block = give(asked);
	store(block + asked, bytes);
	finish(block);
}
static void over1(void)
{
	over(80, 1);
}
static void over4(void)
{
	over(80, 4);
}
static void over8(void)
{
	over(88, 8);
}
static void over4096(void)
{
	over(100, 4096);
}
static void odd(void)
{
	over(13, 1);
}
static void one(void)
{
	over(1, 1);
}
static void none(void)
{
	over(0, 1);
}
static void large(void)
{
	over(1 << 20, 8);
}
static void large_odd(void)
{
	over((1 << 20) + 3, 1);
}
static void word(void)
{
	char *block = give(84);
	store_word(block + 80);
	finish(block);
}
static void under1(void)
{
	char *block = give(80);
	store(block - 1, 1);
	block[-1] = 0;
	finish(block);
}
static void under8(void)
{
	char *block = give(80);
	char kept[16];
	memcpy(kept, block - 16, 16);
	store(block - 16, 16);
	memcpy(block - 16, kept, 16);
	finish(block);
}
static void text(void)
{
	char *block = give(10);
	strcpy(block, getenv("PATH") ? "twelve bytes" : "");
	finish(block);
}
static void copy(void)
{
	static char from[200];
	char *block = give(150);
	memcpy(block, from, sizeof(from) - 40 + (size_t)getpid() * 0);
	finish(block);
}
static void off_by_nul(void)
{
	char *block = give(32);
	block[strnlen(memset(block, 'a', 32), 32)] = 0;
	finish(block);
}
static void product(void)
{
	int *volatile block = calloc(10, sizeof(int));
	*(volatile int *)(block + 10) = 7;
	free(block);
}
static void aligned(void)
{
	void *block;
	if (posix_memalign(&block, 64, 100))
		exit(1);
	store((char *)block + 100, 4);
	finish(block);
}
static void resized(void)
{
	char *block = give(40), *volatile grown = realloc(block, 72);
	store(grown + 72, 3);
	finish(grown);
}
static void shrunk(void)
{
	char *block = give(400), *volatile less = realloc(block, 100);
	store(less + 100, 300);
	finish(less);
}
static void uaf_read(void)
{
	char *block = give(120);
	finish(block);
	if (load(block + 40) == 77)
		puts("77");
}
static void uaf_write(void)
{
	char *block = give(120);
	finish(block);
	store(block + 64, 1);
}
static void uaf_large(void)
{
	char *block = give(60000);
	finish(block);
	store(block + 30000, 1);
}
struct object {
	void (*run)(struct object *self);
	char rest[88];
};
static void quiet(struct object *self)
{
	(void)self;
}
NOINLINE static struct object *make(void)
{
	struct object *volatile object = malloc(sizeof(*object));
	object->run = quiet;
	return object;
}
NOINLINE static void call(struct object *object)
{
	void (*volatile run)(struct object *) = *(void (*volatile *)(struct object *)) & object->run;
	if (run == quiet)
		run(object);
}
static void uaf_call(void)
{
	struct object *object = make();
	finish((char *)object);
	call(object);
}
static void stale(void)
{
	char *block = give(40), *volatile before = block, *volatile grown = realloc(block, 4000);
	store(before + 16, 1);
	finish(grown);
}
static void twice(void)
{
	char *block = give(120);
	finish(block);
	finish(block);
}
static void twice_apart(void)
{
	char *block = give(2000), *other = give(3000);
	finish(block);
	finish(other);
	finish(block);
}
static void *in_thread(void *block)
{
	store((char *)block + 200, 5);
	return NULL;
}
static void thread(void)
{
	pthread_t other;
	char *block = give(200);
	pthread_create(&other, NULL, in_thread, block);
	pthread_join(other, NULL);
	finish(block);
}
static void *gives_back(void *block)
{
	finish(block);
	return NULL;
}
static void uaf_thread(void)
{
	pthread_t other;
	char *block = give(200);
	pthread_create(&other, NULL, gives_back, block);
	pthread_join(other, NULL);
	store(block + 100, 5);
}
static void kept(void) /* never given back: found at the end */
{
	static char *volatile block;
	block = give(48);
	store(block + 48, 2);
}
static void sound(void)
{
	char *block = give(80), *volatile grown = realloc(block, 8000);
	memset(grown, 2, 8000);
	finish(grown);
	finish(calloc(7, 9));
	finish(strdup("nothing wrong"));
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {
	{"over1", over1},
	{"over4", over4},
	{"over8", over8},
	{"over4096", over4096},
	{"odd", odd},
	{"one", one},
	{"none", none},
	{"large", large},
	{"large-odd", large_odd},
	{"word", word},
	{"under1", under1},
	{"under8", under8},
	{"text", text},
	{"copy", copy},
	{"off-by-nul", off_by_nul},
	{"product", product},
	{"aligned", aligned},
	{"resized", resized},
	{"shrunk", shrunk},
	{"uaf-read", uaf_read},
	{"uaf-write", uaf_write},
	{"uaf-large", uaf_large},
	{"uaf-call", uaf_call},
	{"stale", stale},
	{"twice", twice},
	{"twice-apart", twice_apart},
	{"thread", thread},
	{"uaf-thread", uaf_thread},
	{"kept", kept},
	{"sound", sound},
};

int main(int argc, char **argv)
{
	int times = argc > 2 ? atoi(argv[2]) : 3;
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		for (int n = 0; n < times && !strcmp(argv[1], ways[i].name); n++)
			ways[i].run();
	puts("done");
	return 0;
}
