/* expect: exit 0. Handlers of the program's own for faults, and what they see: one line each. A page without access is hit and
 * made accessible by the handler, as runtimes do; "wild" as argument: only an address where nothing is, and what is said of it */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STACK_BYTES 65536
static char *page;
static const char *volatile name;
static volatile sig_atomic_t seen, seen_code, seen_is_address, is_on_own, is_blocked;
static sigjmp_buf jump;
static char *stack;
static struct sigaction chained;

static void look(void)
{
	char here;
	sigset_t now;
	seen++;
	is_on_own = stack && &here >= stack && &here < stack + STACK_BYTES;
	pthread_sigmask(SIG_BLOCK, NULL, &now);
	is_blocked = sigismember(&now, SIGSEGV) + 2 * sigismember(&now, SIGUSR2);
}

static void mends(int signo, siginfo_t *info, void *context)
{
	(void)context;
	look();
	seen_code = signo == SIGSEGV ? info->si_code : -1;
	seen_is_address = info->si_addr == page + 8;
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

static void mends_plain(int signo)
{
	look();
	seen_code = signo == SIGSEGV ? 0 : -1;
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

static void chains(int signo, siginfo_t *info, void *context)
{
	seen++;
	if (chained.sa_flags & SA_SIGINFO)
		chained.sa_sigaction(signo, info, context);
	else
		chained.sa_handler(signo);
}

static void jumps(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	look();
	seen_code = info->si_code;
	seen_is_address = info->si_addr == page + 8;
	siglongjmp(jump, 1);
}

static void hit(void)
{
	seen = seen_code = seen_is_address = is_on_own = is_blocked = 0;
	mprotect(page, 4096, PROT_NONE);
	if (!sigsetjmp(jump, 1))
		((volatile char *)page)[8] = 1;
}

static void say(void)
{
	struct sigaction now;
	sigset_t mask;
	sigaction(SIGSEGV, NULL, &now);
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	const char *left = now.sa_handler == SIG_DFL ? "default" : now.sa_handler == SIG_IGN ? "ignored" : "handler";
	printf("%s: seen %d, code %d, address %d, own stack %d, blocked %d, flags %x, then %s, blocked %d\n", name,
	       (int)seen, (int)seen_code, (int)seen_is_address, (int)is_on_own, (int)is_blocked,
	       now.sa_flags & ~0x04000000, left, sigismember(&mask, SIGSEGV));
}

static void set(const char *what, int flags, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction act = {.sa_flags = flags | SA_SIGINFO};
	act.sa_sigaction = handler;
	sigaddset(&act.sa_mask, SIGUSR2);
	name = what;
	sigaction(SIGSEGV, &act, NULL);
}

static void once(const char *what, int flags, void (*handler)(int, siginfo_t *, void *))
{
	set(what, flags, handler);
	hit();
	say();
}

static void plain(const char *what, void (*handler)(int))
{
	name = what;
	signal(SIGSEGV, handler);
	hit();
	say();
}

static void *in_thread(void *is_own)
{
	stack_t own = {.ss_sp = stack, .ss_size = STACK_BYTES}, none = {.ss_flags = SS_DISABLE}, was;
	if (is_own)
		sigaltstack(&own, NULL);
	once(is_own ? "thread, own stack" : "thread", SA_ONSTACK, mends);
	sigaltstack(is_own ? &none : NULL, &was);
	printf("stack: %s\n", was.ss_flags & SS_DISABLE ? "none" : was.ss_sp == stack ? "own" : "another");
	return NULL;
}

static void thread(void *is_own)
{
	pthread_t made;
	if (pthread_create(&made, NULL, in_thread, is_own) == 0)
		pthread_join(made, NULL);
}

int main(int argc, char **argv)
{
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (argc > 1 && !strcmp(argv[1], "wild")) {
		set("wild", 0, jumps);
		munmap(page, 4096);
		if (!sigsetjmp(jump, 1))
			((volatile char *)page)[8] = 1;
		say();
		return 0;
	}
	once("siginfo", 0, mends);
	once("on stack, none given", SA_ONSTACK, mends);
	once("nodefer", SA_NODEFER, mends);
	once("reset", (int)SA_RESETHAND, mends);
	once("jumps", 0, jumps);
	once("jumps again", SA_NODEFER, jumps);
	plain("signal", mends_plain);
	sigaction(SIGSEGV, NULL, &chained);
	once("chained to signal", 0, chains);
	set("", 0, mends);
	sigaction(SIGSEGV, NULL, &chained);
	once("chained to siginfo", SA_ONSTACK, chains);
	thread(NULL);
	stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	thread(&page);
	set("a thousand", 0, mends);
	for (int i = 0; i < 1000; i++)
		hit();
	say();
	return 0;
}
