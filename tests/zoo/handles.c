/* expect: exit 0 (its own end: "default-again", "sends-again", "blocked": signal 11; "exits": exit 3). A program that lives with its
 * faults, and the ways in which runtimes handle them; it says how many came. Arguments: the way, how often, how many threads */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define NONE ((char *)0x10)
#define STACK_BYTES 65536

static char *page;
static int count, threads, arrived, is_over;
static unsigned long faults, wrong;
static sigjmp_buf jump;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_here = PTHREAD_COND_INITIALIZER;
static int generation;

static void set(int signo, int flags, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction act = {.sa_flags = flags | SA_SIGINFO};
	act.sa_sigaction = handler;
	sigaction(signo, &act, NULL);
}

static void jumps(int signo, siginfo_t *info, void *context)
{
	(void)context;
	faults++;
	wrong += signo != SIGSEGV || info->si_code != SEGV_MAPERR || info->si_addr != NONE;
	siglongjmp(jump, 1);
}

/* with the mask restored by sigsetjmp, or never blocked */
static void recovers(int flags, int saves)
{
	set(SIGSEGV, flags, jumps);
	for (volatile int i = 0; i < count; i++)
		if (!sigsetjmp(jump, saves))
			*(volatile char *)NONE = 1;
}

/* Julia's safepoint: the world stops as each thread loads from a page; the handler waits until it goes on */
static void safepoint(int signo, siginfo_t *info, void *context)
{
	int error = errno;
	(void)context;
	wrong += signo != SIGSEGV || info->si_code != SEGV_ACCERR || info->si_addr != page + 8;
	pthread_mutex_lock(&lock); /* as Julia's does: the fault is at a place where no lock is held */
	faults++;
	int seen = generation;
	if (++arrived == threads)
		pthread_cond_signal(&all_here);
	pthread_mutex_unlock(&lock);
	while (__atomic_load_n(&generation, __ATOMIC_ACQUIRE) == seen)
		syscall(SYS_futex, &generation, 0, seen, NULL, NULL, 0);
	errno = error;
}

static void *works(void *own_stack)
{
	stack_t own = {.ss_sp = own_stack, .ss_size = STACK_BYTES};
	if (own_stack)
		sigaltstack(&own, NULL);
	while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
		errno = 77;
		(void)*(volatile char *)(page + 8);
		if (errno != 77)
			__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
		sched_yield();
	}
	return NULL;
}

static void stops_the_world(void)
{
	pthread_t made[16];
	char *stacks = malloc(16 * STACK_BYTES);
	mprotect(page, 4096, PROT_READ);
	set(SIGSEGV, SA_ONSTACK, safepoint);
	for (int i = 0; i < threads; i++) /* every other one on a signal stack of its own */
		pthread_create(&made[i], NULL, works, i % 2 ? stacks + i * STACK_BYTES : NULL);
	for (int round = 0; round < count / threads; round++) {
		mprotect(page, 4096, PROT_NONE);
		pthread_mutex_lock(&lock);
		while (arrived < threads)
			pthread_cond_wait(&all_here, &lock);
		arrived = 0;
		mprotect(page, 4096, PROT_READ);
		__atomic_add_fetch(&generation, 1, __ATOMIC_RELEASE);
		pthread_mutex_unlock(&lock);
		syscall(SYS_futex, &generation, 1, threads, NULL, NULL, 0);
	}
	__atomic_store_n(&is_over, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < threads; i++)
		pthread_join(made[i], NULL);
}

/* each thread's own safepoint: the handler opens the page, the thread closes it */
static __thread char *own_page;
static void opens(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	__atomic_add_fetch(&faults, 1, __ATOMIC_RELAXED);
	if (info->si_addr != own_page + 8)
		__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
	mprotect(own_page, 4096, PROT_READ);
}

static void *polls(void *unused)
{
	own_page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < count / threads; i++) {
		mprotect(own_page, 4096, PROT_NONE);
		(void)*(volatile char *)(own_page + 8);
	}
	return unused;
}

static void all_poll(void)
{
	pthread_t made[16];
	set(SIGSEGV, 0, opens);
	for (int i = 0; i < threads; i++)
		pthread_create(&made[i], NULL, polls, NULL);
	for (int i = 0; i < threads; i++)
		pthread_join(made[i], NULL);
}

/* goes on behind the instruction, whose length is known */
static void steps_over(int signo, siginfo_t *info, void *context)
{
	ucontext_t *here = context;
	(void)info;
	faults++;
	if (signo == SIGILL || signo == SIGFPE)
		here->uc_mcontext.gregs[REG_RIP] += 2;
}

static void emulates(void)
{
	set(SIGILL, 0, steps_over);
	set(SIGTRAP, 0, steps_over);
	set(SIGFPE, 0, steps_over);
	for (int i = 0; i < count; i++) {
		__asm__ volatile("ud2");
		__asm__ volatile("int3");
		__asm__ volatile("div %%ecx" ::"a"(1), "d"(0), "c"(0) : "cc"); /* f7 f1 */
	}
}

/* three deep, each fault in the handler of the one before */
static void nests(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	wrong += info->si_addr != page + faults % 3;
	if (++faults % 3)
		*(volatile char *)(page + faults % 3) = 1;
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

static void nested(void)
{
	set(SIGSEGV, SA_NODEFER, nests);
	for (int i = 0; i < count; i++) {
		mprotect(page, 4096, PROT_NONE);
		*(volatile char *)page = 1;
	}
}

/* as the kernel takes it, past everybody's hooks */
struct kernel_action {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};
void returns(void);
__asm__(".text\nreturns: mov $15, %eax\nsyscall\n");

static void set_raw(void (*handler)(int, siginfo_t *, void *))
{
	struct kernel_action act = {handler, SA_SIGINFO | 0x04000000, returns, 0};
	register long size __asm__("r10") = 8;
	long result = SYS_rt_sigaction;
	__asm__ volatile("syscall"
			 : "+a"(result)
			 : "D"(SIGSEGV), "S"(&act), "d"(0), "r"(size)
			 : "rcx", "r11", "memory");
}

/* a relocation is resolved before anybody's constructor runs; nothing may be called there yet */
static int early_value(void)
{
	return 1;
}
static int (*resolves(void))(void)
{
	set_raw(jumps);
	return early_value;
}
int early(void) __attribute__((ifunc("resolves")));

static void default_again(int signo, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	signal(signo, SIG_DFL);
}

static void sends_again(int signo, siginfo_t *info, void *context)
{
	default_again(signo, info, context);
	raise(signo);
}

static void exits(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)info;
	(void)context;
	_exit(3);
}

static void reads_back(void)
{
	struct sigaction now, act = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
	act.sa_sigaction = opens;
	sigaddset(&act.sa_mask, SIGUSR1);
	for (int i = 0; i < count; i++) {
		sigaction(SIGSEGV, &act, NULL);
		wrong += signal(SIGSEGV, SIG_IGN) != (void (*)(int))(void (*)(void))opens;
		sigaction(SIGSEGV, &act, &now);
		wrong += now.sa_handler != SIG_IGN;
		sigaction(SIGSEGV, NULL, &now);
		wrong += now.sa_sigaction != opens || !sigismember(&now.sa_mask, SIGUSR1) ||
			 (now.sa_flags & ~0x04000000) != act.sa_flags;
		wrong += signal(SIGSEGV, SIG_DFL) != (void (*)(int))(void (*)(void))opens;
		sigaction(SIGSEGV, NULL, &now);
		wrong += now.sa_handler != SIG_DFL;
	}
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "jumps";
	count = argc > 2 ? atoi(argv[2]) : 1000;
	threads = argc > 3 ? atoi(argv[3]) : 4;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (strcmp(way, "early"))
		signal(SIGSEGV, SIG_DFL);
	sigset_t segv;
	sigemptyset(&segv);
	sigaddset(&segv, SIGSEGV);
	if (!strcmp(way, "jumps"))
		recovers(0, 1);
	else if (!strcmp(way, "jumps-nodefer"))
		recovers(SA_NODEFER, 0);
	else if (!strcmp(way, "early"))
		for (volatile int i = 0; i < count * early(); i++) {
			if (!sigsetjmp(jump, 1))
				*(volatile char *)NONE = 1;
		}
	else if (!strcmp(way, "raw")) {
		set_raw(jumps);
		for (volatile int i = 0; i < count; i++)
			if (!sigsetjmp(jump, 1))
				*(volatile char *)NONE = 1;
	} else if (!strcmp(way, "world"))
		stops_the_world();
	else if (!strcmp(way, "polls"))
		all_poll();
	else if (!strcmp(way, "emulates"))
		emulates();
	else if (!strcmp(way, "nests"))
		nested();
	else if (!strcmp(way, "reads-back"))
		reads_back();
	else if (!strcmp(way, "blocked")) {
		set(SIGSEGV, 0, jumps);
		sigprocmask(SIG_BLOCK, &segv, NULL);
		*(volatile char *)NONE = 1;
	} else if (!strcmp(way, "waits")) { /* taken by sigwait, and never delivered */
		int got = 0;
		sigprocmask(SIG_BLOCK, &segv, NULL);
		for (int i = 0; i < count; i++) {
			raise(SIGSEGV);
			wrong += sigwait(&segv, &got) || got != SIGSEGV;
			faults++;
		}
	} else {
		set(SIGSEGV, 0,
		    !strcmp(way, "exits")	  ? exits
		    : !strcmp(way, "sends-again") ? sends_again
						  : default_again);
		*(volatile char *)NONE = 1;
	}
	printf("%s: %lu faults, %lu wrong\n", way, faults, wrong);
	return 0;
}
