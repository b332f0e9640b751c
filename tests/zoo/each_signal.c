/* expect: signal 11. Ways to die of each signal that says that something is broken; the argument names the way. libc's own checks
 * end in SIGABRT with a message; "kill", "queue" and "kill-abort" are sent by a child, whose number is printed */
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void __stack_chk_fail(void) __attribute__((noreturn));
void *__memcpy_chk(void *to, const void *from, size_t bytes, size_t room);

static void sent(int signo, int is_queued)
{
	pid_t parent = getpid(), child = fork();
	union sigval value = {.sival_int = 7};
	if (child == 0) {
		printf("%d\n", (int)getpid());
		fflush(stdout);
		if (is_queued)
			sigqueue(parent, signo, value);
		else
			kill(parent, signo);
		_exit(0);
	}
	for (;;)
		pause();
}

static void *volatile block;
static volatile int zero;

static void *one_page(int prot, int fd)
{
	return mmap(NULL, 4096, prot, fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, fd, 0);
}

static void bus(void)
{
	char name[] = "each_signal.XXXXXX";
	int fd = mkstemp(name);
	unlink(name);
	if (ftruncate(fd, 4096))
		return;
	volatile char *page = one_page(PROT_READ | PROT_WRITE, fd);
	if (ftruncate(fd, 0) == 0)
		page[5] = 1;
}

static void damaged_list(void)
{
	char *volatile first = malloc(2000), *volatile second = malloc(2000);
	block = second;
	free(first);
	*(volatile unsigned *)(first - 8) = 0x61616161; /* the size of a free block */
	free(second);
}

static void damaged_pointer(void)
{
	block = (char *)malloc(64) + 8;
	free(block);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "maperr";
	char small[10];
	unsigned mask = 0x1d80; /* division by zero is not masked */
	float one = 1, none = 0;
	void *(*volatile copies)(void *, const void *, size_t, size_t) = __memcpy_chk;
	if (!strcmp(way, "maperr"))
		*(volatile char *)(0x700000000000 + zero) = 1;
	else if (!strcmp(way, "accerr"))
		*(volatile char *)one_page(PROT_READ, -1) = 1;
	else if (!strcmp(way, "bus"))
		bus();
	else if (!strcmp(way, "ill"))
		__asm__ volatile("ud2");
	else if (!strcmp(way, "trap"))
		__asm__ volatile("int3");
	else if (!strcmp(way, "privileged"))
		__asm__ volatile("hlt");
	else if (!strcmp(way, "intdiv"))
		__asm__ volatile("div %%ecx" : : "a"(1), "d"(0), "c"(zero) : "cc");
	else if (!strcmp(way, "fltdiv"))
		__asm__ volatile("ldmxcsr %0\n\tmovss %1, %%xmm0\n\tdivss %2, %%xmm0"
				 :
				 : "m"(mask), "m"(one), "m"(none)
				 : "xmm0");
	else if (!strcmp(way, "abort"))
		abort();
	else if (!strcmp(way, "assert"))
		assert(!"this holds");
	else if (!strcmp(way, "smashed"))
		__stack_chk_fail();
	else if (!strcmp(way, "fortify"))
		copies(small, "more than ten bytes", 20, sizeof(small));
	else if (!strcmp(way, "list"))
		damaged_list();
	else if (!strcmp(way, "pointer"))
		damaged_pointer();
	else if (!strcmp(way, "raise"))
		raise(SIGSEGV);
	else if (!strcmp(way, "self"))
		kill(getpid(), SIGSEGV);
	else
		sent(!strcmp(way, "kill-abort") ? SIGABRT : SIGSEGV, !strcmp(way, "queue"));
	return 0;
}
