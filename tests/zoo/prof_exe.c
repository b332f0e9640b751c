/* expect: exit 0, prints "longest 178": an instrumented program; "prof_exe leave HOW" leaves in that way */
#include <stdio.h>
#include "mark.h"
#include "prof_leave.h"
int prof_work(int n);
static void exe_handler(void)
{
	MARK("exe_handler");
}
int main(int argc, char **argv)
{
	char line[64];
	atexit(exe_handler);
	int length = snprintf(line, sizeof(line), "longest %d\n", prof_work(1107));
	if (write(1, line, length) != length)
		return 1;
	return argc > 2 ? prof_leave(argv[2]) : 0;
}
