/*
 * app.c: the other half of the demo: a program that uses the library, prints its result, tidies up and returns.
 */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>

static char *title;

static void tidy(void)
{
	free(title);
}

int main(void)
{
	title = malloc(64);
	if (!title)
		return 1;
	atexit(tidy);
	snprintf(title, 64, "checksum %08x", engine_run(5000));
	puts(title);
	return 0;
}
