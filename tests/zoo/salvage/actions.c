/* expect: exit 0, the same output with exeunt as without: sets and asks for the action of every signal, in all ways that there are */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* sigset, sigignore, siginterrupt */
static void one(int signo)
{
	(void)signo;
}
static void other(int signo)
{
	(void)signo;
}
static const char *name(void (*handler)(int))
{
	return handler == SIG_DFL    ? "default"
	       : handler == SIG_IGN  ? "ignored"
	       : handler == one	     ? "one"
	       : handler == other    ? "other"
	       : handler == SIG_ERR  ? "error"
	       : handler == SIG_HOLD ? "held"
				     : "somebody's";
}
static void show(const char *what, const struct sigaction *a)
{
	unsigned long mask = 0;
	for (int signo = 1; signo <= 64; signo++)
		mask |= sigismember(&a->sa_mask, signo) == 1 ? 1ul << (signo - 1) : 0;
	printf(" %s=%s,%x,%lx", what, name(a->sa_handler), (unsigned)a->sa_flags, mask);
}
static void ask(const char *what, int signo)
{
	struct sigaction now;
	if (sigaction(signo, NULL, &now))
		printf(" %s=refused", what);
	else
		show(what, &now);
}
static void set(const char *what, int signo, void (*handler)(int), int flags)
{
	struct sigaction act = {.sa_handler = handler, .sa_flags = flags}, old;
	sigfillset(&act.sa_mask);
	sigdelset(&act.sa_mask, 7);
	if (sigaction(signo, &act, &old))
		printf(" %s=refused", what);
	else
		show(what, &old);
}
static void by_name(int signo)
{
	printf(" signal=%s", name(signal(signo, one)));
	printf(",%s", name(signal(signo, SIG_DFL)));
	printf(",%s", name(signal(signo, SIG_DFL)));
	ask("after", signo);
	printf(" sysv=%s", name(sysv_signal(signo, other)));
	ask("after", signo);
	printf(",%s", name(sysv_signal(signo, SIG_DFL)));
	ask("after", signo);
	printf(" sigset=%s", name(sigset(signo, one)));
	printf(",%s", name(sigset(signo, SIG_HOLD)));
	printf(",%s", name(sigset(signo, SIG_DFL)));
	printf(",%s", name(sigset(signo, SIG_DFL)));
	ask("after", signo);
	siginterrupt(signo, 1);
	printf(" interrupting=%s", name(signal(signo, one)));
	ask("after", signo);
	siginterrupt(signo, 0);
	signal(signo, SIG_DFL);
	ask("after", signo);
	sigignore(signo);
	ask("ignored", signo);
	signal(signo, SIG_DFL);
}
static void in_children(int signo)
{
	int status = 0, child = vfork();
	if (!child) {
		struct sigaction now;
		_exit(sigaction(signo, NULL, &now) ? 1 : now.sa_handler == SIG_DFL ? 2 : 3);
	}
	waitpid(child, &status, 0);
	printf(" in a child: %d\n", WEXITSTATUS(status));
	child = vfork();
	if (!child) {
		signal(signo, one);
		signal(signo, SIG_DFL);
		signal(signo, SIG_IGN);
		_exit(0);
	}
	waitpid(child, &status, 0);
	ask("still", signo);
}
int main(void)
{
	for (int signo = -1; signo <= 66; signo++) {
		printf("%d", signo);
		ask("first", signo);
		set("set", signo, one, SA_RESTART);
		set("set", signo, other, (int)SA_RESETHAND | SA_NODEFER);
		set("set", signo, SIG_DFL, SA_RESTART | SA_ONSTACK);
		set("set", signo, SIG_IGN, 0);
		set("set", signo, SIG_DFL, SA_NOCLDSTOP);
		ask("now", signo);
		by_name(signo);
		printf("\n");
		fflush(stdout);
		in_children(signo);
		printf("\n");
	}
	return 0;
}
