/*
 * expect: exit 0, prints "longest 178": main program of the instrumented library, not instrumented itself.
 * "-": how much work comes from standard input; nothing there: abort(). "leave HOW": see prof_leave.h
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "prof_leave.h"
int prof_work(int n);
int main(int argc, char **argv)
{
	int n = 1107;
	char line[64];
	if (argc > 1 && !strcmp(argv[1], "-")) {
		ssize_t got = read(0, line, sizeof(line) - 1);
		if (got <= 0)
			abort();
		line[got] = 0;
		n = atoi(line);
	}
	int length = snprintf(line, sizeof(line), "longest %d\n", prof_work(n));
	if (write(1, line, length) != length)
		return 1;
	return argc > 2 ? prof_leave(argv[2]) : 0;
}
