/* expect: exit 0: 70 handlers, more than libc's first block of 32; they run from the last to the first */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static int left = 70;
static void counted(void)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "mark: counted %d\n", left--);
	if (write(1, line, n) != n)
		_exit(99);
}
int main(void)
{
	for (int i = 0; i < 70; i++)
		if (atexit(counted))
			return 1;
	return 0;
}
