/* expect: signal 6 ("exits": exit 3, "sends": signal 11). The end and a fault that a handler of the program's own saw: it is in that
 * handler when it aborts ("aborts"), exits, or sends the signal again, after a hundred faults that it had recovered from; or it had
 * recovered from them all, and aborts for a reason of its own ("recovered", "recovered-deep") */
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FAULTS 100
static sigjmp_buf jump;
static const char *way;
static int faults;

static void handler(int signo, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	if (faults++ < FAULTS)
		siglongjmp(jump, 1);
	if (!strcmp(way, "exits"))
		_exit(3);
	if (!strcmp(way, "sends")) {
		signal(signo, SIG_DFL);
		raise(signo); /* comes when this returns */
		return;
	}
	abort();
}

__attribute__((noinline)) static void use(char *base, long index)
{
	*(volatile char *)(base + index) = 1;
}

/* over the place where the handlers ran */
__attribute__((noinline)) static int deep(int n)
{
	volatile char frame[512];
	memset((char *)frame, n, sizeof(frame));
	return n ? deep(n - 1) + frame[0] : 0;
}

int main(int argc, char **argv)
{
	way = argc > 1 ? argv[1] : "aborts";
	struct sigaction act = {.sa_flags = SA_SIGINFO};
	act.sa_sigaction = handler;
	sigaction(SIGSEGV, &act, NULL);
	char *base = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (volatile int i = 0; i < FAULTS; i++)
		if (!sigsetjmp(jump, 1))
			use(base, -(1l << 36));
	if (!strcmp(way, "recovered-deep"))
		deep(100);
	if (!strncmp(way, "recovered", 9))
		abort();
	use(base, 860l << 20);
	return 0;
}
