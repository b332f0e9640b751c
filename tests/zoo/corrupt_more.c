/* expect: whatever. More misuse of the heap, by its first argument: other functions that give blocks out, other threads and
 * processes, other moments, and the kernel as the one that writes. Prints "done" at the end of main */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

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
NOINLINE static void finish(void *block)
{
	void *volatile b = block;
	free(b);
}

static void memaligned(void)
{
	char *volatile block = memalign(32, 72);
	store(block + 72, 1);
	finish(block);
}
static void valloced(void)
{
	char *volatile block = valloc(100);
	store(block + 100, 1);
	finish(block);
}
static void aligned_alloced(void)
{
	char *volatile block = aligned_alloc(64, 128);
	store(block + 128, 8);
	finish(block);
}
static void duplicate(void)
{
	char *volatile copy = strdup("eight by");
	strcat(copy, " more");
	finish(copy);
}
static void concatenated(void)
{
	char *block = give(24);
	strcpy(block, "as long as this is, ");
	strcat(block, "it is too long");
	finish(block);
}
struct item {
	int number;
	char name[20];
};
NOINLINE static void fill(struct item *items, int count)
{
	for (int i = 0; i <= count; i++)
		((struct item *volatile)items)[i].number = i;
}
static void fence_post(void)
{
	struct item *items = (struct item *)give(10 * sizeof(*items));
	fill(items, 10);
	finish(items);
}
NOINLINE static void set(int *table, int i, int value)
{
	((volatile int *)table)[i] = value;
}
static void negative(void)
{
	int *table = (int *)give(30 * sizeof(int));
	set(table, -1, 0);
	finish(table);
}
/* far behind its own block, in the next one: no pattern of its own is touched */
static void strided(void)
{
	char *block = give(4000), *next = give(4000);
	store(block + 4000 + 40, 1);
	finish(next);
	finish(block);
}

/* another thread's block is what the bytes behind belong to */
static pthread_barrier_t barrier;
static char *volatile others;
static void *owns(void *unused)
{
	others = give(72);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	finish(others);
	return unused;
}
static void anothers(void)
{
	pthread_t other;
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&other, NULL, owns, NULL);
	pthread_barrier_wait(&barrier);
	store(others + 72, 16);
	pthread_barrier_wait(&barrier);
	pthread_join(other, NULL);
}

/* the program's own parts at another time than main */
static int is_early, is_late;
static char *early;
__attribute__((constructor)) static void before_main(void)
{
	early = give(56);
}
static void early_block(void)
{
	store(early + 56, 9);
	finish(early);
	is_early = 1;
}
static void at_exit(void)
{
	char *block = give(56);
	store(block + 56, 9);
	finish(block);
}
static void in_handler(void)
{
	if (!is_late++)
		atexit(at_exit);
}
static void in_child(void)
{
	int status;
	pid_t child = fork();
	if (!child) {
		char *block = give(88);
		store(block + 88, 8);
		finish(block);
		finish(give(2000));
		exit(0);
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		puts("the child has died");
}
static void childs_inheritance(void)
{
	int status;
	char *block = give(88);
	pid_t child = fork();
	if (!child) {
		finish(block);
		finish(block);
		exit(0);
	}
	waitpid(child, &status, 0);
	finish(block);
	if (WIFSIGNALED(status))
		abort();
}

/* the kernel writes */
static void kernel_read(void)
{
	int ends[2];
	char *block = give(88);
	if (pipe(ends) || write(ends[1], block, 88) != 88 || write(ends[1], block, 12) != 12)
		exit(1);
	if (read(ends[0], block, 100) < 0)
		perror("read");
	close(ends[0]);
	close(ends[1]);
	finish(block);
}
static void kernel_recv(void)
{
	static char message[64];
	int ends[2];
	char *block = give(56);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) || send(ends[0], message, sizeof(message), 0) < 0)
		exit(1);
	if (recv(ends[1], block, 64, 0) < 0)
		perror("recv");
	close(ends[0]);
	close(ends[1]);
	finish(block);
}
static void kernel_readv(void)
{
	int ends[2];
	char *first = give(24), *second = give(40);
	struct iovec parts[] = {{first, 24}, {second, 48}};
	static char from[72];
	if (pipe(ends) || write(ends[1], from, sizeof(from)) != sizeof(from))
		exit(1);
	if (readv(ends[0], parts, 2) < 0)
		perror("readv");
	close(ends[0]);
	close(ends[1]);
	finish(first);
	finish(second);
}
static void kernel_freed(void)
{
	int ends[2];
	char *block = give(200);
	if (pipe(ends) || write(ends[1], "after it was given back", 23) != 23)
		exit(1);
	finish(block);
	if (read(ends[0], block, 23) < 0)
		perror("read");
	close(ends[0]);
	close(ends[1]);
}
static void kernel_cwd(void)
{
	char *block = give(2);
	if (chdir("/usr/lib"))
		exit(1);
	if (!getcwd(block, 4096))
		perror("getcwd");
	finish(block);
}

static void resized_twice(void)
{
	char *block = give(40), *volatile before = block, *volatile grown = realloc(block, 4000);
	finish(grown);
	finish(before == grown ? grown : before);
}
static void resized_after(void)
{
	char *block = give(300);
	finish(block);
	char *volatile grown = realloc(block, 6000);
	finish(grown);
}
static void used_by_copy(void)
{
	static char to[500];
	char *block = give(500);
	finish(block);
	memcpy(to, block, sizeof(to));
	if (to[3] == 99)
		puts("99");
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {
	{"memalign", memaligned},
	{"valloc", valloced},
	{"aligned-alloc", aligned_alloced},
	{"strdup", duplicate},
	{"strcat", concatenated},
	{"fence-post", fence_post},
	{"negative", negative},
	{"strided", strided},
	{"anothers", anothers},
	{"early", early_block},
	{"late", in_handler},
	{"in-child", in_child},
	{"inherited", childs_inheritance},
	{"kernel-read", kernel_read},
	{"kernel-recv", kernel_recv},
	{"kernel-readv", kernel_readv},
	{"kernel-freed", kernel_freed},
	{"kernel-cwd", kernel_cwd},
	{"resized-twice", resized_twice},
	{"resized-after", resized_after},
	{"uaf-copy", used_by_copy},
};

int main(int argc, char **argv)
{
	int times = argc > 2 ? atoi(argv[2]) : 3;
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		for (int n = 0; n < times && !is_early && !strcmp(argv[1], ways[i].name); n++)
			ways[i].run();
	puts("done");
	return 0;
}
