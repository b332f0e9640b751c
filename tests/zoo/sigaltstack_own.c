/* expect: exit 0: the program's own alternate stack is the one its handler runs on, and the one it reads back */
#include <signal.h>
#include <stdlib.h>
#include "mark.h"
static char *stack_begin;
static const size_t stack_bytes = 65536;
static void on_usr1(int signo)
{
	char here;
	(void)signo;
	if (&here < stack_begin || &here >= stack_begin + stack_bytes)
		_exit(2);
	MARK("on_usr1");
}
static void on_segv(int signo)
{
	char here;
	(void)signo;
	if (&here < stack_begin || &here >= stack_begin + stack_bytes)
		_exit(3);
	MARK("on_segv");
	_exit(0);
}
int main(void)
{
	stack_begin = malloc(stack_bytes);
	stack_t stack = {.ss_sp = stack_begin, .ss_size = stack_bytes}, seen;
	struct sigaction usr1 = {.sa_handler = on_usr1, .sa_flags = SA_ONSTACK};
	struct sigaction segv = {.sa_handler = on_segv, .sa_flags = SA_ONSTACK};
	if (sigaltstack(&stack, NULL) || sigaltstack(NULL, &seen) || seen.ss_sp != stack_begin)
		return 1;
	sigaction(SIGUSR1, &usr1, NULL);
	sigaction(SIGSEGV, &segv, NULL);
	raise(SIGUSR1);
	static int *volatile nothing;
	*nothing = 1;
	return 4;
}
