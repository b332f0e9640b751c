/* expect: exit 0, prints "97 45174": the other part, in C; an argument says how to leave, "first"
   and one: before anything else, "call": to call a null pointer, at a value site */
#include "part.h"
#include <stdio.h>
#include <string.h>

static int times(int x)
{
	return x * 31 + 7;
}
static int flip(int x)
{
	return x ^ 0x55;
}
int (*main_table[2])(int) = {times, flip};

int main(int argc, char **argv)
{
	int s = 1;
	if (argc > 2 && !strcmp(argv[1], "first"))
		return leave(argv[2]);
	if (argc > 1 && !strcmp(argv[1], "call"))
		main_table[0] = NULL;
	for (int i = 0; i < 1000; i++)
		s = main_table[i % 3 != 0](s) & 0xff;
	printf("%d %d\n", s, part_double(21) + part_sum(100) + part_steps(500));
	fflush(stdout);
	return argc > 1 ? leave(argv[1]) : 0;
}
