/* expect: a library whose destructor uses a block from the heap, and, with KEEPER_ALLOCATES set, allocates */
#include "late.h"

static volatile int *kept;

__attribute__((constructor)) static void keep(void)
{
	kept = malloc(64);
}
__attribute__((destructor)) static void let_go_of_it(void)
{
	if (getenv("KEEPER_ALLOCATES"))
		kept = malloc(4096);
	kept[1]++;
}
int keeper_has(void);
int keeper_has(void)
{
	return kept != NULL;
}
