/* expect: exit 0 after its standard input ends; prints how many bytes it was */
#include <stdio.h>
int main(void)
{
	long n = 0;
	while (getchar() != EOF)
		n++;
	printf("%ld bytes\n", n);
	return 0;
}
