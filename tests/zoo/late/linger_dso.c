/* expect: a library whose destructor takes its time */
#include "late.h"

volatile long worker_steps;

__attribute__((destructor)) static void linger(void)
{
	linger_for(&worker_steps);
}
int keeper_lingers(void);
int keeper_lingers(void)
{
	return worker_steps == 0;
}
