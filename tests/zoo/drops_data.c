/* expect: an exit handler unmaps a page of the program's own data, which nobody needs any more; status 0 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE 4096

static char data[3 * PAGE] __attribute__((aligned(PAGE)));

static void drop(void)
{
	munmap(data + PAGE, PAGE);
}

int main(void)
{
	data[PAGE] = 1;
	atexit(drop);
	puts("drops its data");
	return 0;
}
