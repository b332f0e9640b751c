/*
 * hooks_signal.c: how the program sets and asks for actions of signals. Those that signals.c stands in front of are kept
 * there; of others that would end the process only the default is ours, see deadly.c.
 */
#include <signal.h>

#include "arch/arch.h"
#include "clone_every.h"
#include "deadly.h"
#include "image.h"
#include "options.h"
#include "real.h"
#include "signals.h"
#include "stream.h"
#include "thread.h"

#define CALLER ((uintptr_t)__builtin_return_address(0))
#define EINVAL_ 22

/* a vfork child has a table of its own in the kernel, but shares ours with its parent */
static int is_ours(int signo)
{
	return ex_signals_is_watched(signo) && !ex_vforked;
}

/* past us the kernel has got what the program wants: in front of it again, where we were */
static void settle(int signo)
{
	if (is_ours(signo))
		ex_signals_settle(signo);
	else if (!ex_vforked && ex_deadly_is(signo) && !ex_deadly_settle(signo))
		ex_signals_watch(signo);
}

static int pass(int signo, const struct sigaction *act, struct sigaction *old)
{
	struct sigaction before;
	if (act)
		ex_clone_every_yield(signo);
	if (!ex_deadly_is(signo) && !ex_signals_is_watched(signo)) {
		int result = ex_real.sigaction(signo, act, old);
		if (!result && old)
			ex_clone_every_show(signo, old);
		return result;
	}
	if (ex_real.sigaction(signo, act, &before))
		return -1;
	ex_deadly_show(signo, &before);
	ex_signals_show(signo, &before);
	if (act)
		settle(signo);
	if (old)
		*old = before;
	return 0;
}

static void tell(int signo, const struct sigaction *wanted, uintptr_t caller)
{
	if (!is_ours(signo) || !ex_signals_is_crash(signo) || !ex_options.signals || !ex_enter())
		return;
	EX_PUT(SIGACTION, sigaction,
	       (.signo = signo, .handler = (uintptr_t)wanted->sa_handler, .flags = (uint32_t)wanted->sa_flags,
		.caller = caller), );
	ex_leave();
}

EX_EXPORT int sigaction(int signo, const struct sigaction *act, struct sigaction *old)
{
	ex_image_ready();
	if (!ex_real.sigaction)
		return -1;
	if (!is_ours(signo))
		return pass(signo, act, old);
	struct sigaction before;
	if (ex_real.sigaction(signo, NULL, &before))
		return -1;
	ex_signals_show(signo, &before);
	if (act) {
		struct sigaction wanted = *act;
		if (ex_signals_set(signo, &wanted))
			return -1;
		tell(signo, &wanted, CALLER);
	}
	if (old)
		*old = before;
	return 0;
}

/* signal() in its flavours: what libc makes of them depends on siginterrupt, and sigset blocks too; so it does it. Where it
 * has that one no more, they are sigaction with these flags */
static ex_sighandler set_simple(int signo, ex_sighandler handler, int flags, ex_sighandler (*real)(int, ex_sighandler),
				uintptr_t caller)
{
	struct sigaction act = {.sa_flags = flags}, before = {.sa_flags = 0};
	ex_image_ready();
	act.sa_handler = handler;
	if (real) {
		ex_clone_every_yield(signo);
		before.sa_handler = real(signo, handler);
		if (before.sa_handler == SIG_ERR)
			return SIG_ERR;
		ex_deadly_show(signo, &before);
		ex_signals_show(signo, &before);
		settle(signo);
		tell(signo, &act, caller);
		return before.sa_handler;
	}
	if (handler == SIG_ERR) {
		*ex_errno() = EINVAL_;
		return SIG_ERR;
	}
	if (flags & SA_RESTART)
		act.sa_mask.__val[0] = 1ul << (signo - 1);
	return sigaction(signo, &act, &before) ? SIG_ERR : before.sa_handler;
}

EX_EXPORT ex_sighandler signal(int signo, ex_sighandler handler)
{
	return set_simple(signo, handler, SA_RESTART, ex_real.signal, CALLER);
}

EX_EXPORT ex_sighandler bsd_signal(int signo, ex_sighandler handler)
{
	return set_simple(signo, handler, SA_RESTART, ex_real.bsd_signal, CALLER);
}

EX_EXPORT ex_sighandler ssignal(int signo, ex_sighandler handler)
{
	return set_simple(signo, handler, SA_RESTART, ex_real.ssignal, CALLER);
}

EX_EXPORT ex_sighandler sysv_signal(int signo, ex_sighandler handler)
{
	return set_simple(signo, handler, (int)(SA_RESETHAND | SA_NODEFER), ex_real.sysv_signal, CALLER);
}

EX_EXPORT ex_sighandler __sysv_signal(int signo, ex_sighandler handler)
{
	return set_simple(signo, handler, (int)(SA_RESETHAND | SA_NODEFER), ex_real.__sysv_signal, CALLER);
}

EX_EXPORT ex_sighandler sigset(int signo, ex_sighandler handler)
{
	return set_simple(signo, handler, 0, ex_real.sigset, CALLER);
}
