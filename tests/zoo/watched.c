/*
 * watched.c: a word, and who writes it. WAY says how; what was written, and by whom, is told on standard output, one line a
 * write: "store|call NAME|frame|exit VALUE", so that what exeunt finds can be compared with it. Expected: exactly these writers.
 *
 *   store       a plain store, twice                     thread     a store by another thread
 *   child       a store by a fork child, none by us      read       read() from a pipe
 *   readv       readv() from a pipe, so that no argument leads to the word itself
 *   getcpu      a raw getcpu whose pointer is the word   clock      a raw clock_gettime that ends in it
 *   memcpy      by libc                                  vector     a 16-byte store over it
 *   byte        one byte in its middle                   unaligned  a store that lies across its end
 *   handler     in a signal handler                      frame      a signal stack that lies over it
 *   join        clear_child_tid of a thread              busy       a store, while other threads make system calls
 *   race        read() in one thread, stores in another  many       20000 stores
 *   dlopen      the word lies in a library that is opened later: WAY's argument is its path
 *   never       nobody                                   die        a store, then a bad pointer
 *   same        the value that it has already            call       the return address of a call
 *   heap        a store and a read() to memory that is mapped later, 16 bytes behind 0x700000000000
 *   traces      a child that asks to be traced: refused
 *   trap        an int3 and a SIGTRAP of its own beside a store, both handled
 *   exec        a store, then this program again with "store"
 *   vfork       a store by a vfork child, in the memory that it borrows
 *   stops       stops itself; a child lets it go on; then a store
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

__attribute__((aligned(4096))) unsigned char area[65536] = {[0 ... 65535] = 0x5a};
__attribute__((aligned(64))) volatile uint64_t watched_room[16];
#define word (watched_room[8])

static void told(const char *who)
{
	printf("%s 0x%llx\n", who, (unsigned long long)word);
}

__attribute__((noinline)) void writer_of_word(uint64_t value)
{
	word = value;
}

static void *in_thread(void *arg)
{
	writer_of_word((uint64_t)(uintptr_t)arg);
	return NULL;
}

static volatile int is_done;

static void *makes_calls(void *arg)
{
	while (!is_done)
		syscall(SYS_getppid);
	return arg;
}

static int makes_calls_raw(void *arg)
{
	return makes_calls(arg) != NULL;
}

static int ends[2];

static void *reads_in(void *arg)
{
	(void)arg;
	if (read(ends[0], (void *)&word, 8) != 8)
		abort();
	return NULL;
}

static void on_signal(int signo)
{
	writer_of_word(0x5160 + (uint64_t)signo);
}

static void on_trap(int signo)
{
	(void)signo;
	if (write(1, "trap\n", 5) != 5)
		abort();
}

static void on_frame(int signo)
{
	(void)signo;
}

__attribute__((noinline)) static void called(void)
{
	__asm__ volatile("");
}

static void way_frame(void)
{
	/* the frame lies at the end of the stack that it is given */
	stack_t stack = {.ss_sp = area, .ss_size = sizeof(area)};
	struct sigaction action = {.sa_handler = on_frame, .sa_flags = SA_ONSTACK};
	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	printf("frame 0x%llx\n", (unsigned long long)*(uint64_t *)(void *)(area + 0xfe00));
}

static void way_race(void)
{
	pthread_t thread;
	for (uint64_t n = 1; n <= 200; n++) {
		uint64_t value = 0xaaaa0000 + n;
		pthread_create(&thread, NULL, reads_in, NULL);
		writer_of_word(0xbbbb0000 + n);
		if (write(ends[1], &value, 8) != 8)
			abort();
		pthread_join(thread, NULL);
	}
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";
	static const char text[] = "AAAABBBB";
	uint64_t value = 0x1122334455667788;
	pthread_t thread, others[2];
	setvbuf(stdout, NULL, _IONBF, 0);
	if (pipe(ends))
		abort();
	if (!strcmp(way, "store")) {
		writer_of_word(5);
		told("store");
		writer_of_word(6);
		told("store");
	} else if (!strcmp(way, "same")) {
		writer_of_word(0);
		told("store");
	} else if (!strcmp(way, "thread")) {
		pthread_create(&thread, NULL, in_thread, (void *)0x77);
		pthread_join(thread, NULL);
		told("store");
	} else if (!strcmp(way, "child")) {
		if (!fork()) {
			writer_of_word(9);
			_exit(0);
		}
		wait(NULL);
		told("child");
	} else if (!strcmp(way, "vfork")) {
		if (!vfork()) {
			writer_of_word(9);
			_exit(0);
		}
		wait(NULL);
		told("store");
	} else if (!strcmp(way, "read")) {
		if (write(ends[1], &value, 8) != 8)
			abort();
		reads_in(NULL);
		told("call read");
	} else if (!strcmp(way, "readv")) {
		struct iovec to[2] = {{area, 2}, {(void *)&word, 4}};
		if (write(ends[1], text, 6) != 6 || readv(ends[0], to, 2) != 6)
			abort();
		told("call readv");
	} else if (!strcmp(way, "getcpu")) {
		writer_of_word(~0ull);
		told("store");
		syscall(SYS_getcpu, &word, NULL, NULL);
		told("call getcpu");
	} else if (!strcmp(way, "clock")) {
		syscall(SYS_clock_gettime, CLOCK_REALTIME, (char *)&word - 8);
		told("call clock_gettime");
	} else if (!strcmp(way, "memcpy")) {
		volatile size_t count = 8;
		memcpy((void *)&word, text, count);
		told("store");
	} else if (!strcmp(way, "vector")) {
		typedef unsigned char vector __attribute__((vector_size(16)));
		vector all = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
		*(volatile vector *)&watched_room[8] = all;
		told("store");
	} else if (!strcmp(way, "byte")) {
		((volatile unsigned char *)&word)[3] = 0xee;
		told("store");
	} else if (!strcmp(way, "unaligned")) {
		*(volatile uint64_t __attribute__((aligned(1))) *)((char *)&word + 5) = ~0ull;
		told("store");
	} else if (!strcmp(way, "handler")) {
		signal(SIGUSR1, on_signal);
		raise(SIGUSR1);
		told("store");
	} else if (!strcmp(way, "frame")) {
		way_frame();
	} else if (!strcmp(way, "join")) {
		/* the kernel clears the word as the thread goes */
		writer_of_word(0xffffffff);
		told("store");
		static char stack[65536];
		static volatile int tid;
		clone(makes_calls_raw, stack + sizeof(stack),
		      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
			      CLONE_CHILD_CLEARTID,
		      NULL, &tid, NULL, &word);
		is_done = 1;
		while (word)
			syscall(SYS_sched_yield);
		told("exit");
	} else if (!strcmp(way, "busy")) {
		for (int n = 0; n < 2; n++)
			pthread_create(&others[n], NULL, makes_calls, NULL);
		for (uint64_t n = 1; n <= 100; n++)
			writer_of_word(n);
		is_done = 1;
		for (int n = 0; n < 2; n++)
			pthread_join(others[n], NULL);
		told("store");
	} else if (!strcmp(way, "race")) {
		way_race();
	} else if (!strcmp(way, "many")) {
		for (uint64_t n = 1; n <= 20000; n++)
			writer_of_word(n);
		told("store");
	} else if (!strcmp(way, "dlopen") && argc > 2) {
		void *library = dlopen(argv[2], RTLD_NOW);
		int *count = library ? dlsym(library, argv[3]) : NULL;
		if (!count)
			abort();
		*count = 7;
		puts("store 0x7");
	} else if (!strcmp(way, "heap")) {
		volatile uint64_t *page = mmap((void *)0x700000000000, 4096, PROT_READ | PROT_WRITE,
					       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (page == MAP_FAILED)
			abort();
		page[2] = 0x4321;
		puts("store 0x4321");
		if (write(ends[1], &value, 8) != 8 || read(ends[0], (void *)&page[2], 8) != 8)
			abort();
		puts("call read 0x1122334455667788");
	} else if (!strcmp(way, "traces")) {
		if (!fork())
			_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0);
		wait(NULL);
		puts("not reached");
	} else if (!strcmp(way, "trap")) {
		signal(SIGTRAP, on_trap);
		raise(SIGTRAP);
		writer_of_word(3);
		__asm__ volatile("int3");
		told("store");
	} else if (!strcmp(way, "call")) {
		/* the stack pointer just above the word, so that the call writes it */
		__asm__ volatile("mov %%rsp, %%rbx\n\tlea %0, %%rsp\n\tcall *%1\n\tmov %%rbx, %%rsp"
				 :
				 : "m"(watched_room[9]), "r"(called)
				 : "rbx", "memory", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11");
		told("store");
	} else if (!strcmp(way, "exec")) {
		writer_of_word(1);
		told("store");
		execl("/proc/self/exe", argv[0], "store", (char *)NULL);
		abort();
	} else if (!strcmp(way, "stops")) {
		if (!fork()) {
			usleep(20000);
			kill(getppid(), SIGCONT);
			_exit(0);
		}
		raise(SIGSTOP);
		wait(NULL);
		writer_of_word(2);
		told("store");
	} else if (!strcmp(way, "die")) {
		writer_of_word(0x1000);
		told("store");
		*(volatile char *)(uintptr_t)word = 1;
	} else if (strcmp(way, "never") != 0) {
		return 2;
	}
	return 0;
}
