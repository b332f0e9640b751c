/* expect: signal 11: the program's own handler speaks, restores the default action and returns into the fault */
#include <signal.h>
#include "mark.h"
static int *volatile nothing;
static void own_segv(int signo, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	MARK("own_segv");
	signal(signo, SIG_DFL);
}
int main(void)
{
	struct sigaction act = {.sa_sigaction = own_segv, .sa_flags = SA_SIGINFO}, old;
	sigaction(SIGSEGV, &act, NULL);
	sigaction(SIGSEGV, NULL, &old);
	if (old.sa_sigaction != own_segv || !(old.sa_flags & SA_SIGINFO))
		return 1;
	*nothing = 1;
	return 2;
}
