/* expect: exit 0. A handler for faults that throws, as programs built with -fnon-call-exceptions do: what unwinds passes our entry.
 * Argument: how often */
#include <csignal>
#include <cstdio>
#include <cstdlib>

struct null_pointer {
	int signo;
};

static void throws(int signo)
{
	throw null_pointer{signo};
}

__attribute__((noinline)) static int reads(volatile int *where)
{
	return *where;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1000, caught = 0;
	struct sigaction act = {};
	act.sa_handler = throws;
	act.sa_flags = SA_NODEFER;
	sigaction(SIGSEGV, &act, nullptr);
	for (int i = 0; i < count; i++)
		try {
			reads(reinterpret_cast<volatile int *>(8));
		} catch (const null_pointer &fault) {
			caught += fault.signo == SIGSEGV;
		}
	printf("%d caught\n", caught);
	return 0;
}
