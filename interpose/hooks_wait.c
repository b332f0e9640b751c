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

/* The four of them differ in what they hand on. The kernel writes to the caller's own word: a bad pointer gives EFAULT. */
#define WAIT(params, real, ...)                                                                                        \
	EX_EXPORT int real params                                                                                      \
	{                                                                                                              \
		int word = 0, *at = status ? status : &word;                                                           \
		ex_image_ready();                                                                                      \
		int pid = ex_real.real ? ex_real.real(__VA_ARGS__) : -1;                                               \
		if (pid > 0)                                                                                           \
			tell(pid, *at);                                                                                \
		return pid;                                                                                            \
	}

WAIT((int *status), wait, at)
WAIT((int which, int *status, int options), waitpid, which, at, options)
WAIT((int *status, int options, void *usage), wait3, at, options, usage)
WAIT((int which, int *status, int options, void *usage), wait4, which, at, options, usage)
#undef WAIT

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
