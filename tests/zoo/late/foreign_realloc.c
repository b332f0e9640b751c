/* expect: foreign-free: a block of the program's own pool is given to realloc */
#include "late.h"

int main(void)
{
	store_open();
	return !realloc((char *)store + 4096, 100);
}
