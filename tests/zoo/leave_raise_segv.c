/* expect: signal 11 by raise(), with no faulting address */
#include <signal.h>
int main(void)
{
	raise(SIGSEGV);
	return 1;
}
