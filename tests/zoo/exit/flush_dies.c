// stdio's last flush goes to a pipe that nobody reads: death behind all handlers
// row: main-end main
// row: handler own
// row: fini last
// ends: signal SIGPIPE
// verdict: unknown
#include "parts.h"

PART own(void)
{
	MARK("own");
}
DESTRUCTOR last(void)
{
	MARK("last");
}

int main(void)
{
	int line[2];
	FILE *file;
	atexit(own);
	MUST(!pipe(line) && (file = fdopen(line[1], "w")));
	fputs("never read\n", file);
	close(line[0]);
	signal(SIGPIPE, SIG_DFL);
	return 0;
}
