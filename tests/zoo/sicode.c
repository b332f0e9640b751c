/* expect: exit 0. Meets a page without access as a collector's safepoint does: the handler of SIGSEGV makes it accessible and
 * returns, if the code says that it is there (SEGV_ACCERR); else it takes the address for a wild pointer's and dies: by abort
 * (default), "exit" by _exit(3), "again" by the default action at the same access, "signal" by the signal sent again. Of an
 * argument "always" it ends by abort whatever the code is, as a guard page's owner might */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *page;
static const char *how = "abort";

static void handler(int signo, siginfo_t *info, void *context)
{
	(void)context;
	char *at = info->si_addr;
	if (strcmp(how, "always") && info->si_code == SEGV_ACCERR && at >= page && at < page + 4096) {
		mprotect(page, 4096, PROT_READ | PROT_WRITE);
		return;
	}
	if (!strcmp(how, "exit"))
		_exit(3);
	if (!strcmp(how, "again") || !strcmp(how, "signal")) {
		signal(signo, SIG_DFL);
		if (!strcmp(how, "signal"))
			raise(signo);
		return;
	}
	abort();
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	if (argc > 1)
		how = argv[1];
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaction(SIGSEGV, &action, NULL);
	for (int i = 0; i < 10; i++) {
		mprotect(page, 4096, PROT_NONE);
		((volatile char *)page)[i] = 1;
	}
	return 0;
}
