/* expect: exit 0 for each case given as argument: what a library inside a program could break, and once did */
#include <dlfcn.h>
#include <errno.h>
#include <libgen.h>
#include <link.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include "mark.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* sigset and sigignore */

static volatile int is_over;

static void handler(void)
{
	MARK("handler");
}

static int in_thread(void *(*fn)(void *), size_t stack_bytes)
{
	pthread_attr_t attr;
	pthread_t thread;
	void *result;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, stack_bytes);
	if (pthread_create(&thread, &attr, fn, NULL) || pthread_join(thread, &result))
		return 99;
	return (int)(long)result;
}

/* atexit from a coroutine whose stack ends with the page */
static ucontext_t outer, inner;
static void routine(void)
{
	atexit(handler);
}
static void *coroutine_thread(void *arg)
{
	size_t bytes = 65536, page = 4096;
	char *stack = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(stack + bytes - page, page, PROT_NONE);
	getcontext(&inner);
	inner.uc_stack.ss_sp = stack;
	inner.uc_stack.ss_size = bytes - page;
	inner.uc_link = &outer;
	makecontext(&inner, routine, 0);
	swapcontext(&outer, &inner);
	return arg;
}
static int coroutine(void)
{
	return in_thread(coroutine_thread, 1 << 20);
}

/* programs started on 16 KiB of stack, with an environment of 24 KB of pointers */
static void *start_three(void *arg)
{
	volatile char used[4000];
	char *argv[] = {"true", NULL};
	pid_t child;
	int status = 0;
	volatile int bad = 0;
	memset((char *)used, 1, sizeof(used));
	bad |= system("true");
	bad |= posix_spawnp(&child, "true", NULL, NULL, argv, environ);
	waitpid(child, &status, 0);
	bad |= status;
	child = vfork();
	if (child == 0) {
		execvp("true", argv);
		_exit(1);
	}
	waitpid(child, &status, 0);
	return (void *)(long)(bad | status | (used[0] - 1) | (arg != NULL));
}
static int small_stack(void)
{
	for (int i = 0; i < 3000; i++) {
		char name[16];
		snprintf(name, sizeof(name), "V%d", i);
		setenv(name, "", 1);
	}
	return in_thread(start_three, 20480);
}

static char *volatile nowhere = (char *)8;
static int bad_pointers(void)
{
	char *argv[] = {"true", NULL}, *wild[] = {nowhere, NULL}, **unmapped = (char **)nowhere;
	int bad = execve(nowhere, argv, NULL) != -1 || errno != EFAULT;
	bad |= execve("/bin/true", argv, unmapped) != -1 || errno != EFAULT;
	bad |= execve("/bin/true", argv, wild) != -1 || errno != EFAULT;
	bad |= execve("/bin/true", unmapped, environ) != -1 || errno != EFAULT;
	return bad;
}

/* children in our memory, while other threads give the library something to write */
static void *busy(void *arg)
{
	pthread_key_t key;
	while (!is_over)
		if (!pthread_key_create(&key, free))
			pthread_key_delete(key);
	return arg;
}
static int borrow(void *arg)
{
	if (arg)
		execl("/bin/true", "true", (char *)NULL);
	_exit(7);
}
static int shared_memory(void)
{
	static char stack[65536] __attribute__((aligned(64)));
	pthread_t thread;
	int status, bad = pthread_create(&thread, NULL, busy, NULL);
	for (long i = 0; i < 100; i++) {
		pid_t child = clone(borrow, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)(i & 1));
		bad |= waitpid(child, &status, 0) != child || status != (i & 1 ? 0 : 7 << 8);
	}
	is_over = 1;
	pthread_join(thread, NULL);
	return bad;
}

/* a filter that kills for everything that exit() does not need */
static int sandbox(void)
{
	static const unsigned allowed[] = {SYS_write, SYS_exit_group, SYS_rt_sigreturn, SYS_brk, SYS_munmap};
	struct sock_filter filter[16] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	struct sock_fprog program = {1, filter};
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		filter[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
		filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL);
	atexit(handler);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program); /* refused on some hosts: nothing to see then */
	return 0;
}

/* a handler jumps out of whatever runs, the library's own code included */
static sigjmp_buf back;
static volatile sig_atomic_t is_armed;
static void on_alarm(int signo)
{
	(void)signo;
	if (is_armed)
		siglongjmp(back, 1);
}
static int longjmp_out(void)
{
	struct sigaction act = {.sa_handler = on_alarm}, plain = {.sa_handler = SIG_DFL};
	struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (volatile int jumps = 0; jumps < 500;) {
		if (sigsetjmp(back, 1)) {
			jumps++;
			continue;
		}
		is_armed = 1;
		for (;;)
			sigaction(SIGFPE, &plain, NULL);
	}
	is_armed = 0;
	setitimer(ITIMER_REAL, &never, NULL);
	atexit(handler); /* must still be seen */
	return 0;
}

static int quick_plugin(const char *self)
{
	char path[4096], name[4200];
	snprintf(path, sizeof(path), "%s", self);
	snprintf(name, sizeof(name), "%s/libhostile_dso.so", dirname(path));
	at_quick_exit(handler);
	void *plugin = dlopen(name, RTLD_NOW);
	if (!plugin || dlclose(plugin))
		return 1;
	quick_exit(0);
}

/* forks while another thread holds the loader's lock: the child must end all the same */
static int linger(struct dl_phdr_info *info, size_t size, void *arg)
{
	usleep(1000);
	return info == NULL || size == 0 || arg != NULL;
}
static void *hold(void *arg)
{
	while (!is_over)
		dl_iterate_phdr(linger, NULL);
	return arg;
}
static int loader_lock(void)
{
	pthread_t thread;
	int status, bad = pthread_create(&thread, NULL, hold, NULL);
	for (int i = 0; i < 30; i++) {
		pid_t child = fork();
		if (child == 0) {
			alarm(5);
			if (i & 1)
				execlp("true", "true", (char *)NULL);
			exit(0);
		}
		bad |= waitpid(child, &status, 0) != child || status;
	}
	is_over = 1;
	pthread_join(thread, NULL);
	return bad;
}

/* overlapping system() calls after the program took the library out of its environment */
static void *call_shell(void *arg)
{
	for (int i = 0; i < 10; i++)
		system(i & 1 ? "true" : "sleep 0.01");
	return arg;
}
static int system_threads(void)
{
	pthread_t threads[3];
	unsetenv("LD_PRELOAD");
	unsetenv("EXEUNT");
	char **before = environ;
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, call_shell, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	return environ != before || getenv("LD_PRELOAD") != NULL;
}

static void on_signal(int signo)
{
	(void)signo;
}
static int old_actions(void)
{
	struct sigaction now;
	int bad = sigset(SIGFPE, on_signal) != SIG_DFL;
	bad |= sigset(SIGFPE, SIG_HOLD) != on_signal;
	raise(SIGFPE); /* blocked: it must not arrive before the next line */
	bad |= sigset(SIGFPE, on_signal) != SIG_HOLD;
	bad |= sigignore(SIGFPE) || sigaction(SIGFPE, NULL, &now) || now.sa_handler != SIG_IGN;
	bad |= signal(SIGFPE, SIG_ERR) != SIG_ERR;
	signal(SIGFPE, on_signal);
	bad |= sigaction(SIGFPE, NULL, &now) || !sigismember(&now.sa_mask, SIGFPE);
	return bad;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} cases[] = {{"coroutine", coroutine},	     {"small_stack", small_stack},
		     {"bad_pointers", bad_pointers}, {"shared_memory", shared_memory},
		     {"sandbox", sandbox},	     {"longjmp_out", longjmp_out},
		     {"loader_lock", loader_lock},   {"system_threads", system_threads},
		     {"old_actions", old_actions}};
	alarm(30); /* none may hang */
	if (argc > 1 && !strcmp(argv[1], "quick_plugin"))
		return quick_plugin(argv[0]);
	for (size_t i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!strcmp(argv[1], cases[i].name))
			return cases[i].run();
	return 0;
}
