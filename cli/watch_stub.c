/*
 * watch_stub.c: until watch.c is there: nothing was watched.
 */
#include "watch.h"

#include <string.h>

__attribute__((weak)) void ex_watched_find(struct ex_watched *watched, const struct ex_processes *processes,
					   const struct ex_image *image, struct ex_symbols *symbols)
{
	(void)processes;
	(void)image;
	(void)symbols;
	memset(watched, 0, sizeof(*watched));
}

__attribute__((weak)) const char *ex_write_text(const struct ex_write *write)
{
	(void)write;
	return "";
}

__attribute__((weak)) const char *ex_syscall_name(int number)
{
	(void)number;
	return "";
}
