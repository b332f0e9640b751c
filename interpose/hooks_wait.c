/*
 * hooks_wait.c: a SIGKILLed process cannot tell its end; whoever waits for it learns it, and so do we.
 */
#include <signal.h>

#include "arch/arch.h"
#include "expand.h"
#include "image.h"
#include "real.h"
#include "stream.h"
#include "thread.h"

static void tell(int pid, int status)
{
	int error = *ex_errno();
	/* exited or killed; stops and continues are not ends */
	if (pid > 0 && (status & 0xff) != 0x7f && status != 0xffff && !ex_vforked)
		EX_PUT(WAITED, waited, (.pid = (uint32_t)pid, .status = status, .by = EX_waiter_PARENT), );
	*ex_errno() = error;
}

EX_EXPORT int wait(int *status)
{
	int word = 0;
	ex_image_ready();
	int pid = ex_real.wait ? ex_real.wait(&word) : -1;
	tell(pid, word);
	if (status && pid > 0)
		*status = word;
	return pid;
}

EX_EXPORT int waitpid(int which, int *status, int options)
{
	int word = 0;
	ex_image_ready();
	int pid = ex_real.waitpid ? ex_real.waitpid(which, &word, options) : -1;
	tell(pid, word);
	if (status && pid > 0)
		*status = word;
	return pid;
}

EX_EXPORT int wait3(int *status, int options, void *usage)
{
	int word = 0;
	ex_image_ready();
	int pid = ex_real.wait3 ? ex_real.wait3(&word, options, usage) : -1;
	tell(pid, word);
	if (status && pid > 0)
		*status = word;
	return pid;
}

EX_EXPORT int wait4(int which, int *status, int options, void *usage)
{
	int word = 0;
	ex_image_ready();
	int pid = ex_real.wait4 ? ex_real.wait4(which, &word, options, usage) : -1;
	tell(pid, word);
	if (status && pid > 0)
		*status = word;
	return pid;
}

EX_EXPORT int waitid(int idtype, unsigned id, void *info, int options)
{
	ex_image_ready();
	int error = ex_real.waitid ? ex_real.waitid(idtype, id, info, options) : -1;
	const siginfo_t *i = info;
	if (!error && i && i->si_pid > 0) {
		if (i->si_code == CLD_EXITED)
			tell(i->si_pid, (i->si_status & 0xff) << 8);
		else if (i->si_code == CLD_KILLED || i->si_code == CLD_DUMPED)
			tell(i->si_pid, i->si_status & 0x7f);
	}
	return error;
}
