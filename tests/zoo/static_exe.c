/* expect: exit 0, linked statically: nothing can be preloaded into it */
#include <stdio.h>
int main(void)
{
	puts("static");
	return 0;
}
