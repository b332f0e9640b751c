/* expect: signal 11. Dies where it is hard to tell of it: in malloc with the arena's lock held ("malloc"), with a stack that is used up,
 * of the main thread or another one, on a signal stack of its own or ours ("stack", "stack-own", "stack-thread", "stack-thread-own"), in
 * a handler on a small signal stack ("handler"), in an exit handler, in a finalizer, while another thread forks ("fork"), with a
 * stack pointer or program counter that leads nowhere ("sp", "sp-odd", "pc", "pc-odd"), with all memory under RLIMIT_AS used up
 * ("memory"), with all descriptors used up and no more allowed ("descriptors"), in a vfork child ("vfork": then in the parent; "vfork-only": which exits with 0) */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOWHERE 0x700000001000
#define SIGNAL_STACK_BYTES 8192 /* what SIGSTKSZ was before glibc 2.34 */

static volatile int zero;
static int is_finalizer;

__attribute__((noinline)) static void die(void)
{
	*(volatile int *)(NOWHERE + zero) = 1;
}

static void in_malloc(void)
{
	void **volatile block = malloc(2000), *guard = malloc(16);
	__asm__ volatile("" : : "r"(guard));
	free(block);
	((void *volatile *)block)[1] = (void *)NOWHERE; /* the unsorted list's next */
	guard = malloc(5000);
	__asm__ volatile("" : : "r"(guard));
}

#pragma GCC diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline)) static int deeper(int n)
{
	volatile char frame[500];
	frame[n % 500] = (char)n;
	return deeper(n + 1) + frame[n % 500];
}

static void own_stack(void)
{
	stack_t own = {.ss_sp = malloc(SIGNAL_STACK_BYTES), .ss_size = SIGNAL_STACK_BYTES};
	memset(own.ss_sp, 0, own.ss_size);
	sigaltstack(&own, NULL);
}

static void *overflows(void *is_own)
{
	if (is_own)
		own_stack();
	deeper(0);
	return NULL;
}

static void on_usr1(int signo)
{
	(void)signo;
	die();
}

__attribute__((destructor)) static void finalizer(void)
{
	if (is_finalizer)
		die();
}

static void *forks(void *unused)
{
	for (;;) {
		pid_t child = fork();
		if (child == 0)
			_exit(0);
		waitpid(child, NULL, 0);
	}
	return unused;
}

static void use_up_memory(void)
{
	struct rlimit limit = {256 << 20, 256 << 20};
	setrlimit(RLIMIT_AS, &limit);
	for (size_t bytes = 64 << 20; bytes >= 4096; bytes /= 2)
		while (mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
			;
	while (malloc(16))
		;
}

static void use_up_descriptors(void)
{
	struct rlimit limit = {64, 64};
	setrlimit(RLIMIT_NOFILE, &limit);
	while (open("/dev/null", O_RDONLY) >= 0)
		;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "malloc";
	pthread_t thread;
	struct rlimit stack = {1 << 20, RLIM_INFINITY};
	if (!strcmp(way, "malloc")) {
		in_malloc();
	} else if (!strcmp(way, "stack") || !strcmp(way, "stack-own")) {
		setrlimit(RLIMIT_STACK, &stack);
		overflows(way[5] ? &thread : NULL);
	} else if (!strncmp(way, "stack-thread", 12)) {
		pthread_create(&thread, NULL, overflows, way[12] ? &thread : NULL);
		pthread_join(thread, NULL);
	} else if (!strcmp(way, "handler")) {
		struct sigaction act = {.sa_flags = SA_ONSTACK};
		act.sa_handler = on_usr1;
		own_stack();
		sigaction(SIGUSR1, &act, NULL);
		raise(SIGUSR1);
	} else if (!strcmp(way, "exit-handler")) {
		atexit(die);
		return 0;
	} else if (!strcmp(way, "finalizer")) {
		is_finalizer = 1;
		return 0;
	} else if (!strcmp(way, "fork")) {
		pthread_create(&thread, NULL, forks, NULL);
		usleep(3000);
	} else if (!strcmp(way, "sp")) {
		__asm__ volatile("mov %0, %%rsp\n\tpush %%rax" : : "r"(NOWHERE));
	} else if (!strcmp(way, "sp-odd")) {
		__asm__ volatile("mov %0, %%rsp\n\tpush %%rax" : : "r"(0x6161616161616161));
	} else if (!strcmp(way, "pc") || !strcmp(way, "pc-odd")) {
		void (*volatile there)(void) = (void (*)(void))(way[2] ? 0x6161616161616161 : NOWHERE);
		there();
	} else if (!strcmp(way, "memory")) {
		use_up_memory();
	} else if (!strcmp(way, "descriptors")) {
		use_up_descriptors();
	} else if (!strncmp(way, "vfork", 5)) {
		int status = 0;
		pid_t child = vfork();
		if (child == 0)
			die();
		waitpid(child, &status, 0);
		printf("child: signal %d\n", WTERMSIG(status));
		fflush(stdout);
		if (!strcmp(way, "vfork-only"))
			return 0;
	}
	die();
	return 0;
}
