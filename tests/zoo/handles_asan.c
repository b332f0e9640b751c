/* expect: exit 1. Built with clang's address sanitizer, which has handlers of its own: a write past a block, "null": to nowhere,
 * "divide": by zero */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "past";
	volatile char *block = malloc(10);
	volatile int zero = 0;
	if (!strcmp(way, "null"))
		*(volatile char *)16 = 1;
	else if (!strcmp(way, "divide"))
		printf("%d\n", 1000 / zero);
	else
		block[10] = 1;
	return 0;
}
