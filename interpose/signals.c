/*
 * signals.c: see signals.h.
 *
 * In the kernel our entry is in place for each of these signals; the program's action is kept in a table and answers its
 * questions. Its flags and mask are the kernel's, so nesting, restart and stack behave as the program asked. Only
 * SA_RESETHAND is done here, since the kernel would put SIG_DFL in our place.
 * A signal that nobody handles: one event, then the default action with the same siginfo: a fault is taken again by
 * returning to it, a sent one is sent again, so wait status and core file are those of the untouched program.
 */
#include "signals.h"

#include <signal.h>
#include <ucontext.h>

#include "arch/arch.h"
#include "crash.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "place.h"
#include "real.h"
#include "rescue.h"
#include "sandbox.h"
#include "stream.h"
#include "thread.h"

#define CALLER ((uintptr_t)__builtin_return_address(0))
#define EINVAL_ 22
#define TOUCHED_BYTES 65536 /* of a thread's signal stack: what our own handler needs */
#define TOLD_MAX 64 /* a runtime may take a million faults on purpose (Julia's safepoints); the first few are enough */

static const int watched[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};
static struct action {
	int is_watched;
	unsigned told;
	struct sigaction program; /* as the program set it */
} actions[NSIG];
static int libc_flags; /* SA_RESTORER, where there is such a thing */
static char main_stack[EX_SIGNAL_STACK_BYTES] __attribute__((aligned(64))) EX_TABLE;

static void on_signal(int signo, siginfo_t *info, void *context);

typedef int (*sigaction_function)(int, const struct sigaction *, struct sigaction *);

static void install(sigaction_function set, int signo, const struct sigaction *like)
{
	struct sigaction ours = *like;
	ours.sa_sigaction = on_signal;
	ours.sa_flags = (ours.sa_flags | SA_SIGINFO) & ~(int)SA_RESETHAND;
	set(signo, &ours, NULL);
}

/* as the kernel would show it: libc adds a flag of its own, and two signals cannot be blocked */
static void keep(struct action *a, const struct sigaction *wanted)
{
	a->program = *wanted;
	a->program.sa_flags |= libc_flags;
	a->program.sa_mask.__val[0] &= ~(1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1));
}

static void install_default(sigaction_function set, int signo)
{
	struct sigaction plain = {.sa_flags = SA_ONSTACK};
	install(set, signo, &plain);
}

static void on_signal(int signo, siginfo_t *info, void *context)
{
	struct action *a = &actions[signo];
	struct sigaction program = a->program; /* the handler may change it */
	int error = *ex_errno();
	if (program.sa_handler == SIG_IGN) {
		*ex_errno() = error;
		return;
	}
	if (ex_rescue(signo, info)) {
		*ex_errno() = error;
		return;
	}
	ex_rescue_code(signo, info, context);
	int is_default = program.sa_handler == SIG_DFL;
	/* a sandbox that answers for refused system calls: one of ours in here would be refused too, and kill */
	if (is_default || (a->told < TOLD_MAX && signo != SIGSYS)) {
		a->told++;
		ex_crash_tell(signo, info, context, is_default ? EX_disposition_DEFAULT : EX_disposition_PROGRAM);
	}
	*ex_errno() = error;
	if (is_default) {
		ex_os_signal_default(signo);
		if (info->si_code <= 0 || signo == SIGABRT || signo == SIGTRAP || signo == SIGSYS)
			ex_os_resend(signo, info);
		return;
	}
	if (program.sa_flags & SA_RESETHAND) {
		a->program.sa_handler = SIG_DFL;
		a->program.sa_flags &= ~(int)SA_SIGINFO;
		install_default(ex_real.sigaction, signo);
	}
	/* three arguments also for one-argument handlers: some old ones read the second as a struct sigcontext */
	program.sa_sigaction(signo, info, context);
}

void ex_signals_start(void)
{
	if (!ex_real.sigaction || !ex_real.sigaltstack)
		return;
	/* gcc's thread sanitizer would wrap us, and report a crash inside a handler instead of in the program */
	sigaction_function set = ex_real.__sigaction ? ex_real.__sigaction : ex_real.sigaction;
	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
		struct action *a = &actions[watched[i]];
		if (a->is_watched || set(watched[i], NULL, &a->program))
			continue;
		a->is_watched = 1;
		if (a->program.sa_handler == SIG_DFL)
			install_default(set, watched[i]);
		else if (a->program.sa_handler != SIG_IGN)
			install(set, watched[i], &a->program);
	}
	struct sigaction now = {.sa_flags = 0};
	set(SIGSEGV, NULL, &now);
	libc_flags = now.sa_flags & 0x04000000;
	ex_signals_stack_begin(1);
}

/* a vfork child has a table of its own in the kernel, but shares ours with its parent */
static int is_ours(int signo)
{
	return signo > 0 && signo < NSIG && actions[signo].is_watched && !ex_vforked;
}

void ex_signals_withdraw(int is_withdrawn)
{
	struct sigaction plain = {.sa_flags = 0};
	for (size_t i = 0; i < sizeof(watched) / sizeof(watched[0]); i++) {
		struct action *a = &actions[watched[i]];
		if (!a->is_watched || a->program.sa_handler != SIG_DFL)
			continue;
		if (is_withdrawn)
			ex_real.sigaction(watched[i], &plain, NULL);
		else
			install_default(ex_real.sigaction, watched[i]);
	}
}

EX_EXPORT int sigaction(int signo, const struct sigaction *act, struct sigaction *old)
{
	ex_image_ready();
	if (!ex_real.sigaction)
		return -1;
	if (!is_ours(signo))
		return ex_real.sigaction(signo, act, old);
	struct action *a = &actions[signo];
	struct sigaction before;
	if (ex_real.sigaction(signo, NULL, &before))
		return -1;
	if (before.sa_sigaction == on_signal) /* else it went past us: sigignore, a raw system call */
		before = a->program;
	if (act) {
		struct sigaction wanted = *act;
		if (wanted.sa_handler == SIG_IGN) {
			if (ex_real.sigaction(signo, act, NULL))
				return -1;
			keep(a, &wanted);
		} else {
			keep(a, &wanted);
			if (wanted.sa_handler == SIG_DFL)
				install_default(ex_real.sigaction, signo);
			else
				install(ex_real.sigaction, signo, &wanted);
		}
		if (ex_enter()) {
			EX_PUT(SIGACTION, sigaction,
			       (.signo = signo, .handler = (uintptr_t)wanted.sa_handler,
				.flags = (uint32_t)wanted.sa_flags, .caller = CALLER), );
			ex_leave();
		}
	}
	if (old)
		*old = before;
	return 0;
}

/* signal() in its flavours: the same as sigaction with these flags */
static ex_sighandler set_simple(int signo, ex_sighandler handler, int flags, ex_sighandler (*real)(int, ex_sighandler))
{
	struct sigaction act = {.sa_flags = flags}, old;
	ex_image_ready();
	if (!is_ours(signo) || handler == SIG_ERR) {
		if (real)
			return real(signo, handler);
		*ex_errno() = EINVAL_;
		return SIG_ERR;
	}
	act.sa_handler = handler;
	if (flags & SA_RESTART)
		act.sa_mask.__val[0] = 1ul << (signo - 1); /* as libc's does; it shows when asked for */
	return sigaction(signo, &act, &old) ? SIG_ERR : old.sa_handler;
}

EX_EXPORT ex_sighandler signal(int signo, ex_sighandler handler)
{
	return set_simple(signo, handler, SA_RESTART, ex_real.signal);
}

EX_EXPORT ex_sighandler bsd_signal(int signo, ex_sighandler handler)
{
	return set_simple(signo, handler, SA_RESTART, ex_real.bsd_signal);
}

EX_EXPORT ex_sighandler ssignal(int signo, ex_sighandler handler)
{
	return set_simple(signo, handler, SA_RESTART, ex_real.ssignal);
}

EX_EXPORT ex_sighandler sysv_signal(int signo, ex_sighandler handler)
{
	return set_simple(signo, handler, (int)(SA_RESETHAND | SA_NODEFER), ex_real.sysv_signal);
}

EX_EXPORT ex_sighandler __sysv_signal(int signo, ex_sighandler handler)
{
	return set_simple(signo, handler, (int)(SA_RESETHAND | SA_NODEFER), ex_real.__sysv_signal);
}

EX_EXPORT ex_sighandler sigset(int signo, ex_sighandler handler)
{
	ex_image_ready();
	if (!ex_real.sigset || !is_ours(signo) || handler == SIG_ERR)
		return set_simple(signo, handler, 0, ex_real.sigset);
	/* it blocks (SIG_HOLD) or unblocks as well, and answers SIG_HOLD when the signal was blocked */
	ex_sighandler before = actions[signo].program.sa_handler;
	ex_sighandler answer = ex_real.sigset(signo, handler);
	if (answer != SIG_ERR && handler != SIG_HOLD)
		set_simple(signo, handler, 0, NULL);
	return answer == SIG_ERR || answer == SIG_HOLD ? answer : before;
}

void ex_signals_stack_begin(int is_main)
{
	stack_t now, ours = {.ss_size = EX_SIGNAL_STACK_BYTES};
	if (!ex_options.signals || ex_os_is_sealed() || !ex_real.sigaltstack || ex_real.sigaltstack(NULL, &now) ||
	    !(now.ss_flags & SS_DISABLE))
		return;
	ours.ss_sp = is_main ? main_stack : ex_os_map(EX_SIGNAL_STACK_BYTES);
	if (ours.ss_sp && !is_main)
		ex_sandbox_touch((char *)ours.ss_sp + EX_SIGNAL_STACK_BYTES - TOUCHED_BYTES, TOUCHED_BYTES);
	if (ours.ss_sp && !ex_real.sigaltstack(&ours, NULL))
		ex_self.alternate = ours.ss_sp;
}

void ex_signals_stack_end(void)
{
	stack_t none = {.ss_flags = SS_DISABLE}, now;
	void *ours = ex_self.alternate;
	if (!ours || ours == main_stack || ex_os_is_sealed() || ex_real.sigaltstack(NULL, &now))
		return;
	if (now.ss_sp == ours && ((now.ss_flags & SS_ONSTACK) || ex_real.sigaltstack(&none, NULL)))
		return; /* still in use: lost */
	ex_self.alternate = NULL;
	ex_os_unmap(ours, EX_SIGNAL_STACK_BYTES);
}

EX_EXPORT int sigaltstack(const stack_t *wanted, stack_t *before)
{
	stack_t now;
	ex_image_ready();
	if (!ex_real.sigaltstack)
		return -1;
	if (!ex_self.alternate || ex_vforked)
		return ex_real.sigaltstack(wanted, before);
	/* the program must see the state without us, and switching its own off must leave ours in place */
	if (ex_real.sigaltstack(NULL, &now))
		return -1;
	int is_ours = now.ss_sp == ex_self.alternate;
	if (wanted && (wanted->ss_flags & SS_DISABLE)) {
		stack_t ours = {.ss_sp = ex_self.alternate, .ss_size = EX_SIGNAL_STACK_BYTES};
		if (!is_ours && ex_real.sigaltstack(&ours, NULL))
			return -1;
	} else if (wanted && ex_real.sigaltstack(wanted, NULL)) {
		return -1;
	}
	if (before)
		*before = is_ours ? (stack_t){.ss_flags = SS_DISABLE} : now;
	return 0;
}
