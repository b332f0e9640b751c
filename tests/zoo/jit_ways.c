/*
 * expect: what its first argument says; a function is made (rw, r-x) that returns 42, and called. What makes the stale call returns
 * 42 where nothing is wrong, and another status else. "thread": given back by another thread than the one that calls it;
 * "inside": given back while another thread runs in it; "toggle": made writable while another thread runs in it; "fixed": given
 * back, and data mapped in its place by MAP_FIXED; "newer": given back, and other code mapped in its place by MAP_FIXED, which
 * returns 7; "moved": moved away by mremap, and called where it was; "rw": called after it was made writable; "freed": in a block
 * of malloc that was made writable and freed; "freed-newer": and the next function has got the block; "cache": in a reserve of
 * 64 MiB without access that is committed in pieces, given back whole; "views": a memfd mapped twice, and the writable view is
 * unmapped: all is well; "part": of two pages the second is given back and the first called: all is well; "churn N": N are made,
 * called and given back, and 0 is returned; "limited": 256 KiB of code are made and given back a thousand times with no more than
 * 16 MiB of address space to spare, and 0 is returned; "many N": N are made, each second is given back, and 0 is returned
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096l
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)

typedef int function(void);

static function *volatile old;
static volatile int is_inside;

/* mov $result, %eax; ret */
static void write_code(void *code, int result)
{
	unsigned char bytes[] = {0xb8, (unsigned char)result, 0, 0, 0, 0xc3};
	memcpy(code, bytes, sizeof(bytes));
}

static void protect(void *at, int prot)
{
	if (mprotect(at, PAGE, prot))
		_exit(99);
}

static void *map(void *at, size_t bytes, int prot, int flags)
{
	void *got = mmap(at, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	if (got == MAP_FAILED || (at && got != at))
		_exit(99);
	return got;
}

static void *compile(int result)
{
	void *code = map(NULL, PAGE, RW, 0);
	write_code(code, result);
	protect(code, RX);
	return code;
}

static void *compile_in_heap(int result)
{
	void *code;
	if (posix_memalign(&code, PAGE, PAGE))
		_exit(99);
	write_code(code, result);
	protect(code, RX);
	return code;
}

static void release_in_heap(void *code)
{
	protect(code, RW);
	free(code);
}

static void *give_back(void *code)
{
	munmap(code, PAGE);
	return NULL;
}

/* tells that it is in, then runs in a circle: movl $1, (%rdi); jmp . */
static void *run_inside(void *code)
{
	is_inside = 0;
	((void (*)(volatile int *))code)(&is_inside);
	return NULL;
}

static void start_inside(void *code)
{
	static const unsigned char circle[] = {0xc7, 0x07, 1, 0, 0, 0, 0xeb, 0xfe};
	struct timespec pause = {0, 20000000};
	pthread_t thread;
	protect(code, RW);
	memcpy(code, circle, sizeof(circle));
	protect(code, RX);
	pthread_create(&thread, NULL, run_inside, code);
	while (!is_inside)
		sched_yield();
	nanosleep(&pause, NULL);
}

static int churn(int count)
{
	for (int n = 0; n < count; n++) {
		function *code = (function *)compile(n & 127);
		if (code() != (n & 127))
			return 1;
		give_back((void *)code);
	}
	return 0;
}

static int limited(void)
{
	struct rlimit limit;
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (!file || fscanf(file, "%lu", &pages) != 1)
		return 98;
	fclose(file);
	limit.rlim_cur = limit.rlim_max = pages * PAGE + (16ul << 20);
	if (setrlimit(RLIMIT_AS, &limit))
		return 98;
	for (int n = 0; n < 1000; n++) {
		void *code = mmap(NULL, 64 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (code == MAP_FAILED)
			return 1;
		write_code(code, 42);
		if (mprotect(code, 64 * PAGE, RX) || ((function *)code)() != 42 || munmap(code, 64 * PAGE))
			return 2;
	}
	return 0;
}

static int many(int count)
{
	void **all = calloc((size_t)count, sizeof(*all));
	for (int n = 0; all && n < count; n++)
		all[n] = compile(n & 127);
	for (int n = 0; all && n < count; n += 2)
		if (munmap(all[n], PAGE))
			return 2;
	for (int n = 1; all && n < count; n += 2)
		if (((function *)all[n])() != (n & 127))
			return 3;
	return !all;
}

static int in_views(void)
{
	int fd = memfd_create("code", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, PAGE))
		_exit(99);
	void *write_view = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0), *run_view = mmap(NULL, PAGE, RX, MAP_SHARED, fd, 0);
	if (write_view == MAP_FAILED || run_view == MAP_FAILED)
		_exit(99);
	close(fd);
	write_code(write_view, 42);
	old = (function *)run_view;
	munmap(write_view, PAGE);
	return old();
}

static int in_cache(void)
{
	char *cache = map(NULL, 64ul << 20, PROT_NONE, MAP_NORESERVE);
	for (long n = 0; n < 64; n++) {
		protect(cache + n * PAGE, RW);
		write_code(cache + n * PAGE, 42);
		protect(cache + n * PAGE, RX);
	}
	old = (function *)(cache + 9 * PAGE);
	if (old() != 42)
		return 1;
	munmap(cache, 64ul << 20);
	return old();
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	struct timespec second = {1, 0};
	pthread_t thread;
	void *code;
	if (!strcmp(how, "churn"))
		return churn(argc > 2 ? atoi(argv[2]) : 1000);
	if (!strcmp(how, "limited"))
		return limited();
	if (!strcmp(how, "many"))
		return many(argc > 2 ? atoi(argv[2]) : 1000);
	if (!strcmp(how, "views"))
		return in_views();
	if (!strcmp(how, "cache"))
		return in_cache();
	code = strncmp(how, "freed", 5) ? compile(42) : compile_in_heap(42);
	old = (function *)code;
	if (old() != 42)
		return 1;
	if (!strcmp(how, "thread")) {
		pthread_create(&thread, NULL, give_back, code);
		pthread_join(thread, NULL);
	} else if (!strcmp(how, "inside")) {
		start_inside(code);
		give_back(code);
		nanosleep(&second, NULL);
	} else if (!strcmp(how, "toggle")) {
		start_inside(code);
		protect(code, RW);
		nanosleep(&second, NULL);
	} else if (!strcmp(how, "fixed")) {
		give_back(code);
		memset(map(code, PAGE, RW, MAP_FIXED), 0x90, PAGE);
	} else if (!strcmp(how, "newer")) {
		give_back(code);
		write_code(map(code, PAGE, RW, MAP_FIXED), 7);
		protect(code, RX);
	} else if (!strcmp(how, "moved")) {
		void *to = map(NULL, 4 * PAGE, PROT_NONE, 0);
		if (mremap(code, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to || ((function *)to)() != 42)
			_exit(98);
	} else if (!strcmp(how, "rw")) {
		protect(code, RW);
	} else if (!strcmp(how, "freed")) {
		release_in_heap(code);
	} else if (!strcmp(how, "freed-newer")) {
		release_in_heap(code);
		compile_in_heap(7);
	} else if (!strcmp(how, "part")) {
		char *two = map(NULL, 2 * PAGE, RW, 0);
		write_code(two, 42);
		protect(two, RX);
		protect(two + PAGE, RX);
		munmap(two + PAGE, PAGE);
		old = (function *)(void *)two;
	}
	return old();
}
