/* expect: a library whose destructor takes its time */
#include "late.h"

__attribute__((destructor)) static void linger(void)
{
	rest(2000);
}
int keeper_lingers(void);
int keeper_lingers(void)
{
	return 1;
}
