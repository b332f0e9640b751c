/* expect: foreign-free: a block of the program's own pool is given to free */
#include "late.h"

int main(void)
{
	store_open();
	free((char *)store + 4096);
	return 0;
}
