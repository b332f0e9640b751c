/* expect: exit 0: 1000 faults, each caught by the program's own handler and left by siglongjmp */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
static sigjmp_buf back;
static volatile int caught;
static int *volatile nothing;
static void on_segv(int signo)
{
	(void)signo;
	caught++;
	siglongjmp(back, 1);
}
int main(void)
{
	struct sigaction act = {.sa_handler = on_segv};
	sigaction(SIGSEGV, &act, NULL);
	for (volatile int i = 0; i < 1000; i++)
		if (!sigsetjmp(back, 1))
			*nothing = i;
	printf("caught %d\n", caught);
	return caught == 1000 ? 0 : 1;
}
