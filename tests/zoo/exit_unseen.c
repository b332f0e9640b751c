/* expect: leaves by errx(7), where libc calls exit by a name of its own; its handlers say what ran */
#include <err.h>
#include <stdlib.h>
#include "mark.h"
static void last_registered(void)
{
	MARK("last_registered");
}
static void told_the_status(int status, void *arg)
{
	(void)arg;
	if (status == 7)
		MARK("told_the_status");
}
static void first_registered(void)
{
	MARK("first_registered");
}
int main(void)
{
	atexit(first_registered);
	on_exit(told_the_status, NULL);
	atexit(last_registered);
	errx(7, "left");
}
