/*
 * process_choose.c: which process of a trace a command is about, by its option --pid.
 */
#include "process.h"

#include "say.h"

#include <errno.h>
#include <stdlib.h>

const struct ex_image *ex_processes_choose(struct ex_processes *processes, const char *pid, int *status)
{
	if (!pid)
		return processes->judged;
	char *end;
	errno = 0;
	unsigned long number = strtoul(pid, &end, 10);
	if (errno || *end || end == pid || *pid == '-' || number > UINT32_MAX) {
		*status = ex_fail(EX_MSG_BAD_VALUE, "--pid", pid, "give the number of a process");
		return NULL;
	}
	const struct ex_image *image = ex_processes_find(processes, (uint32_t)number);
	if (!image)
		*status = ex_fail(EX_MSG_NO_SUCH_PROCESS, pid, ex_processes_list(processes));
	return image;
}
