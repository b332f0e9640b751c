/* expect: exit 0, prints "2": with the only record of its part behind or before those of another layout the writer walks
   over all of them and meets nothing that it would follow: no crash, no message, and a profile that nobody can read */
#include <stdio.h>
int one_part(int n);

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d\n", one_part(argc));
	return 0;
}
