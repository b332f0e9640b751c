/*
 * linux_park.c: stopping threads. See os.h.
 */
#include <linux/futex.h>
#include <signal.h>

#include "os/os.h"
#include "sys.h"

#define LAST_SIGNAL 64
#define FIRST_SIGNAL 35 /* below lie those that threads libraries use */

/* its handler would have to return to be called */
static void never(void)
{
	ex_os_exit_group(127);
}

int ex_os_free_signal(void (*handler)(int signo), int returns)
{
	/* the kernel of x86-64 delivers nothing without a restorer */
	struct ex_kernel_action ours = {handler, SA_ONSTACK | EX_SA_RESTORER | (returns ? SA_RESTART : 0),
					returns ? ex_arch_signal_return : never, ~0ull},
				now;
	for (int signo = LAST_SIGNAL; signo >= FIRST_SIGNAL; signo--)
		if (ex_sys(SYS_rt_sigaction, signo, 0, &now, 8) == 0 && now.handler == SIG_DFL &&
		    ex_sys(SYS_rt_sigaction, signo, &ours, 0, 8) == 0)
			return signo;
	return 0;
}

int ex_os_is_handler(int signo, void (*handler)(int signo))
{
	struct ex_kernel_action now;
	return ex_sys(SYS_rt_sigaction, signo, 0, &now, 8) == 0 && now.handler == handler;
}

int ex_os_thread_signal_of(uint32_t pid, uint32_t tid, int signo)
{
	return (int)ex_sys(SYS_tgkill, pid, tid, signo);
}

int ex_os_thread_signal(uint32_t tid, int signo)
{
	return (int)ex_sys(SYS_tgkill, ex_os_pid(), tid, signo);
}

void ex_os_wait_for_end(void)
{
	static uint32_t word;
	for (;;)
		ex_sys_anyway(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, 0);
}
