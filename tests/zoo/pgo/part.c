/* expect: the part that stands for the C code of an allocator's crate: counted branches, and calls through pointers */
#include "part.h"
#include <stdlib.h>

static int add(int x)
{
	return x + 1;
}
static int triple(int x)
{
	return x * 3;
}
/* not constant, or the compiler would call them directly */
int (*part_table[2])(int) = {add, triple};

int part_sum(int n)
{
	int sum = 0;
	for (int i = 0; i < n; i++)
		sum += i % 3 ? i : -i;
	return sum;
}
int part_double(int n)
{
	if (n < 0)
		abort();
	return n * 2;
}
int part_steps(int n)
{
	int x = 0;
	for (int i = 0; i < n; i++)
		x = part_table[i & 1](x) & 0xffff;
	return x;
}
