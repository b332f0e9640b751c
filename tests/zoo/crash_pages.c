/* expect: signal 11. A write: "wild" far from everything, "none" to a page without access, "read" to one that may only be read,
 * "guard" below a stack, "first" to the first page, "code" to a function */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile int zero;

static int deeper(int n)
{
	volatile char frame[4096];
	frame[0] = (char)n;
	return zero ? frame[0] : deeper(n + 1) + frame[0];
}

static void *overflows(void *unused)
{
	printf("%d\n", deeper(0));
	return unused;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "wild";
	char *page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t thread;
	memset(page, 1, 3 * 4096);
	if (!strcmp(what, "wild")) {
		page = (char *)0x123456789000 + zero;
	} else if (!strcmp(what, "none")) {
		mprotect(page += 4096, 4096, PROT_NONE);
	} else if (!strcmp(what, "read")) {
		mprotect(page += 4096, 4096, PROT_READ);
	} else if (!strcmp(what, "first")) {
		page = (char *)8L + zero;
	} else if (!strcmp(what, "code")) {
		page = (char *)main;
	} else if (!strcmp(what, "guard")) {
		if (pthread_create(&thread, NULL, overflows, NULL) == 0)
			pthread_join(thread, NULL);
		return 1;
	}
	printf("%p\n", page);
	fflush(stdout);
	*(volatile char *)page = 1;
	return 1;
}
