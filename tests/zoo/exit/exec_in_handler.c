// ends: exec
// row: main-end main
// row: handler replaces
// ends: exit 19
#include "parts.h"

static char *program;
PART replaces(void)
{
	if (!program) {
		MARK("replaces");
		return;
	}
	NOTE("exec in a handler");
	execl(program, program, "again", NULL);
}

int main(int argc, char **argv)
{
	program = argc > 1 ? NULL : argv[0];
	atexit(replaces);
	return 19;
}
