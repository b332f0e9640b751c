/*
 * expect: what "ends WAY SIGNAL" says: a signal ends it, or does not. counted() has run 5 times by then, and once more where
 * a handler runs, or the signal has been held back.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>
static volatile int calls;
__attribute__((noinline)) static void counted(void)
{
	calls++;
}
static int signo;
static void again(int number)
{
	counted();
	signal(number, SIG_DFL);
	raise(number); /* taken when this handler returns */
}
static void once(int number)
{
	counted();
	raise(number);
}
static void leave(int number)
{
	counted();
	_exit(number);
}
static void survive(int number)
{
	(void)number;
	counted();
}
static void *send_to_self(void *unused)
{
	pthread_kill(pthread_self(), signo);
	sleep(600);
	return unused;
}
static void set(void (*handler)(int), int flags)
{
	struct sigaction act = {.sa_handler = handler, .sa_flags = flags};
	if (sigaction(signo, &act, NULL))
		exit(9);
}
static void block(sigset_t *only)
{
	sigemptyset(only);
	sigaddset(only, signo);
	sigprocmask(SIG_BLOCK, only, NULL);
}
/* what salvage is about to read is gone: nothing instrumented may run from here on */
extern char __start___llvm_prf_cnts[], __stop___llvm_prf_cnts[];
__attribute__((no_profile_instrument_function)) static void take_counters_away(void)
{
	unsigned long page = 4095, begin = (unsigned long)__start___llvm_prf_cnts & ~page;
	unsigned long end = ((unsigned long)__stop___llvm_prf_cnts + page) & ~page;
	/* data of the program lies beside them: all that is needed is on the stack */
	long (*volatile call)(long, ...) = syscall;
	volatile long process = getpid(), thread = call(SYS_gettid), number = signo;
	call(SYS_mprotect, begin, end - begin, PROT_NONE);
	call(SYS_tgkill, process, thread, number);
}
/* a filter that kills whoever makes a system call that the program does not know of */
static void seal(void)
{
	static const unsigned allowed[] = {SYS_kill, SYS_getpid, SYS_exit_group, SYS_rt_sigreturn};
	struct sock_filter code[16] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	unsigned n = 1, count = sizeof(allowed) / sizeof(allowed[0]);
	for (unsigned i = 0; i < count; i++)
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i],
							 (unsigned char)(count - i), 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {(unsigned short)n, code};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		exit(9);
}
static int end(const char *way)
{
	sigset_t only, nothing;
	pthread_t thread;
	siginfo_t info;
	sigemptyset(&nothing);
	if (!strcmp(way, "kill")) {
		kill(getpid(), signo);
	} else if (!strcmp(way, "null")) {
		static int *volatile nowhere;
		*nowhere = 1;
	} else if (!strcmp(way, "abort")) {
		abort();
	} else if (!strcmp(way, "thread")) {
		pthread_create(&thread, NULL, send_to_self, NULL);
		sleep(600);
	} else if (!strcmp(way, "handler")) {
		set(again, 0);
		raise(signo);
	} else if (!strcmp(way, "resethand")) {
		set(once, (int)SA_RESETHAND);
		raise(signo);
	} else if (!strcmp(way, "handler-leaves")) {
		set(leave, 0);
		raise(signo);
	} else if (!strcmp(way, "handler-returns")) {
		set(survive, 0);
		raise(signo);
		set(SIG_DFL, 0);
		raise(signo);
	} else if (!strcmp(way, "ignored")) {
		set(SIG_IGN, 0);
		raise(signo);
		return 7;
	} else if (!strcmp(way, "blocked")) {
		block(&only);
		raise(signo);
		counted();
		sigprocmask(SIG_UNBLOCK, &only, NULL);
	} else if (!strcmp(way, "sigsuspend")) { /* through a mask that lasts as long as the call */
		block(&only);
		raise(signo);
		sigsuspend(&nothing);
	} else if (!strcmp(way, "ppoll")) {
		block(&only);
		raise(signo);
		ppoll(NULL, 0, NULL, &nothing);
	} else if (!strcmp(way, "sigwait")) {
		block(&only);
		kill(getpid(), signo);
		if (sigwaitinfo(&only, &info) != signo || info.si_pid != getpid())
			return 8;
		return 7;
	} else if (!strcmp(way, "signalfd")) {
		struct signalfd_siginfo got;
		block(&only);
		int fd = signalfd(-1, &only, 0);
		kill(getpid(), signo);
		if (read(fd, &got, sizeof(got)) != (ssize_t)sizeof(got) || (int)got.ssi_signo != signo)
			return 8;
		return 7;
	} else if (!strcmp(way, "unreadable")) {
		take_counters_away();
	} else if (!strcmp(way, "sealed")) {
		seal();
		kill(getpid(), signo);
	} else if (!strcmp(way, "alarm")) {
		signo = SIGALRM;
		alarm(1);
		sleep(600);
	} else if (!strcmp(way, "pipe")) {
		int fds[2];
		if (pipe(fds) || close(fds[0]) || write(fds[1], "x", 1))
			return 8;
	}
	return 6;
}
int main(int argc, char **argv)
{
	signo = argc > 2 ? atoi(argv[2]) : 0;
	for (int i = 0; i < 5; i++)
		counted();
	return argc > 1 ? end(argv[1]) : 0;
}
