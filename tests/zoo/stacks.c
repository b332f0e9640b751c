/*
 * expect: SIGSEGV of a stack that is used up, by the way that the first argument names; or what looks like it, and is not.
 * main: recursion without end; deep: it needs 32 MiB, and is done with 64; mutual: two functions by turns; thread: in a thread of
 * 256 KiB; small: which would be done with 1 MiB; own: in a thread on memory of the program's, with a guard; array: one array
 * of 40 MiB in the main thread; jump: one of 4 MiB in such a thread, which goes far over a page; probe: a compiler's probe,
 * some pages below the stack pointer; signal: in a handler on a signal stack with a guard; signal-low: on one without, in the
 * program's data; coroutine: on a stack from mmap; tells: a handler of its own says so, and aborts (SIGABRT).
 * None of that: page: a store to a page without access; beside: one just below a mapping, far from the stack; lost: the stack
 * pointer leads to nowhere; unmaps: a coroutine unmaps its own stack; freed: back to a coroutine whose stack was unmapped
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define PAGE (4 * KIB)

int sink(int depth, int last);
int tick(int depth), tock(int depth);
int large(size_t bytes, int from_end);

__attribute__((noinline)) int sink(int depth, int last)
{
	volatile char room[1000];
	room[depth % 1000] = (char)depth;
	return depth == last ? 0 : sink(depth + 1, last) + room[0];
}
__attribute__((noinline)) int tick(int depth)
{
	volatile char room[200];
	room[depth % 200] = (char)depth;
	return depth < 0 ? 0 : tock(depth + 1) + room[0];
}
__attribute__((noinline)) int tock(int depth)
{
	volatile char room[300];
	room[depth % 300] = (char)depth;
	return depth < 0 ? 0 : tick(depth + 1) + room[0];
}

__attribute__((noinline)) int large(size_t bytes, int from_end)
{
	volatile char *room = __builtin_alloca(bytes);
	room[from_end ? bytes - 1 : 0] = 1;
	room[0] = 1;
	return room[bytes / 2];
}

/* with a guard below */
static void *map(size_t guard, size_t bytes)
{
	char *at = mmap(NULL, guard + bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED || mprotect(at, guard, PROT_NONE))
		_exit(99);
	return at + guard;
}

static void *run_probe(void *arg)
{
	__asm__ volatile("mov %%rsp, %%rbx\n\t"
			 "mov $64, %%ecx\n"
			 "1:\n\t"
			 "sub $4096, %%rsp\n\t"
			 "orq $0, -12288(%%rsp)\n\t"
			 "dec %%ecx\n\t"
			 "jnz 1b\n\t"
			 "mov %%rbx, %%rsp" ::
				 : "rbx", "rcx", "memory", "cc");
	return arg;
}
static void *run_sink(void *arg)
{
	return (void *)(intptr_t)sink(0, (int)(intptr_t)arg);
}
static void *run_large(void *arg)
{
	return (void *)(intptr_t)large((size_t)arg, 1);
}

static int in_thread(void *(*fn)(void *), void *arg, int is_own)
{
	pthread_t thread;
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	if (is_own)
		pthread_attr_setstack(&attr, map(8 * MIB, 256 * KIB), 256 * KIB);
	else
		pthread_attr_setstacksize(&attr, 256 * KIB);
	if (pthread_create(&thread, &attr, fn, arg))
		_exit(99);
	return pthread_join(thread, NULL) ? 99 : 0;
}

static void sinks(int signo)
{
	(void)signo;
	sink(0, -1);
}

static void says(int signo)
{
	static const char text[] = "out of stack\n";
	(void)signo;
	if (write(2, text, sizeof(text) - 1) < 0)
		_exit(98);
	abort();
}

static void handle(int signo, void (*handler)(int), void *stack, size_t bytes)
{
	stack_t own = {.ss_sp = stack, .ss_size = bytes};
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
	if (sigaltstack(&own, NULL) || sigaction(signo, &action, NULL))
		_exit(99);
}

static ucontext_t back, coroutine;
static char *coroutine_stack;

static void sink_there(void)
{
	sink(0, -1);
}
static void unmap_there(void)
{
	munmap(coroutine_stack - PAGE, 64 * KIB + PAGE);
}
static void yield_there(void)
{
	swapcontext(&coroutine, &back);
}

static void in_coroutine(void (*fn)(void))
{
	getcontext(&coroutine);
	/* what lies above is another coroutine's */
	coroutine_stack = map(PAGE, 192 * KIB);
	coroutine.uc_stack.ss_sp = coroutine_stack;
	coroutine.uc_stack.ss_size = 64 * KIB;
	coroutine.uc_link = &back;
	makecontext(&coroutine, fn, 0);
	swapcontext(&back, &coroutine);
}

int main(int argc, char **argv)
{
	static char low[64 * KIB] = {1};
	const char *how = argc > 1 ? argv[1] : "";
	if (!strcmp(how, "main"))
		return sink(0, -1);
	if (!strcmp(how, "deep"))
		return sink(0, 32 * 1024) & 0;
	if (!strcmp(how, "mutual"))
		return tick(0);
	if (!strcmp(how, "thread"))
		return in_thread(run_sink, (void *)-1, 0);
	if (!strcmp(how, "small"))
		return in_thread(run_sink, (void *)1000, 0);
	if (!strcmp(how, "own"))
		return in_thread(run_sink, (void *)-1, 1);
	if (!strcmp(how, "probe"))
		return in_thread(run_probe, NULL, 0);
	if (!strcmp(how, "array"))
		return large(40 * MIB, 0);
	if (!strcmp(how, "jump"))
		return in_thread(run_large, (void *)(4 * MIB), 1);
	if (!strcmp(how, "signal") || !strcmp(how, "signal-low")) {
		handle(SIGUSR1, sinks, strcmp(how, "signal") ? low : map(PAGE, 32 * KIB), 32 * KIB);
		return raise(SIGUSR1);
	}
	if (!strcmp(how, "coroutine"))
		in_coroutine(sink_there);
	if (!strcmp(how, "tells")) {
		handle(SIGSEGV, says, map(PAGE, 64 * KIB), 64 * KIB);
		return sink(0, -1);
	}
	if (!strcmp(how, "page"))
		*((volatile char *)map(PAGE, PAGE) - 8) = 1;
	if (!strcmp(how, "beside"))
		*((volatile char *)map(PAGE, PAGE) - PAGE - 8) = 1;
	if (!strcmp(how, "lost"))
		__asm__ volatile("mov %0, %%rsp\n\tpush $1" ::"r"(0x200000000000));
	if (!strcmp(how, "unmaps"))
		in_coroutine(unmap_there);
	if (!strcmp(how, "freed")) {
		in_coroutine(yield_there);
		munmap(coroutine_stack - PAGE, 64 * KIB + PAGE);
		swapcontext(&back, &coroutine);
	}
	return 0;
}
