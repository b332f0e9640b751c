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
#include "deadly.h"
#include "handling.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "place.h"
#include "real.h"
#include "rescue.h"
#include "sandbox.h"
#include "stream.h"
#include "thread.h"

#define TOLD_MAX 64 /* a runtime may take a million faults on purpose (Julia's safepoints); the first few are enough */

static struct action {
	int is_watched;
	unsigned told;
	struct sigaction program; /* as the program set it */
} actions[NSIG];
static int is_guarding; /* treatments of profiles: a trigger is looked for, and whatever ends the process */
static int libc_flags;	/* SA_RESTORER, where there is such a thing */

int ex_signals_is_crash(int signo)
{
	return (EX_FAULT_SIGNALS & EX_SIGNAL_BIT(signo)) != 0;
}

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
	/* the trigger of a snapshot interrupts what it may, and no more */
	struct sigaction plain = {.sa_flags = ex_signals_is_crash(signo) ? SA_ONSTACK : SA_RESTART};
	install(set, signo, &plain);
}

static int is_trigger(int signo)
{
	return is_guarding && signo == (int)ex_options.flush_signal;
}

/* what nobody handles: a trigger is the user's, and goes no further unless it is one that everybody ends programs with */
static void on_default(int signo, siginfo_t *info, void *context)
{
	int was_trigger = is_trigger(signo);
	if (!was_trigger || ex_signals_is_crash(signo) || signo == SIGHUP || signo == SIGINT || signo == SIGQUIT ||
	    signo == SIGALRM || signo == SIGTERM)
		ex_death(signo, info, context, was_trigger);
}

static void on_signal(int signo, siginfo_t *info, void *context)
{
	struct action *a = &actions[signo];
	struct sigaction program = a->program; /* the handler may change it */
	int error = *ex_errno();
	if (program.sa_handler == SIG_IGN || ex_death_put_off(signo, info, context)) {
		*ex_errno() = error;
		return;
	}
	if (ex_rescue(signo, info)) {
		*ex_errno() = error;
		return;
	}
	ex_rescue_code(signo, info, context);
	int is_default = program.sa_handler == SIG_DFL;
	if (ex_death_is_coming(is_default)) {
		ex_death(signo, info, context, 0);
		return;
	}
	int is_crash = ex_signals_is_crash(signo) && ex_options.signals, is_told = 0;
	/* a sandbox that answers for refused system calls: one of ours in here would be refused too, and kill */
	if (is_crash && (is_default || (a->told < TOLD_MAX && signo != SIGSYS))) {
		a->told++;
		is_told = 1;
		ex_crash_tell(signo, info, context, is_default ? EX_disposition_DEFAULT : EX_disposition_PROGRAM);
	}
	if (is_trigger(signo))
		ex_death_salvage(EX_point_SIGNAL);
	*ex_errno() = error;
	if (is_default) {
		on_default(signo, info, context);
		return;
	}
	if (program.sa_flags & SA_RESETHAND) {
		/* Linux leaves flags and mask as they were; gVisor (2022 and 2026) leaves nothing */
		if (ex_sandbox_is_gvisor)
			keep(a, &(struct sigaction){.sa_flags = 0});
		a->program.sa_handler = SIG_DFL;
		install_default(ex_real.sigaction, signo);
	}
	/* three arguments also for one-argument handlers: some old ones read the second as a struct sigcontext */
	if (!is_crash || info->si_code <= 0 || signo == SIGSYS || ex_vforked) {
		program.sa_sigaction(signo, info, context);
		return;
	}
	struct ex_handling now;
	ex_handling_begin(&now, signo, info, context, is_told);
	program.sa_sigaction(signo, info, context);
	ex_handling_end(&now);
}

void ex_signals_watch(int signo)
{
	/* gcc's thread sanitizer would wrap us, and report a crash inside a handler instead of in the program */
	sigaction_function set = ex_real.__sigaction ? ex_real.__sigaction : ex_real.sigaction;
	struct action *a = &actions[signo];
	if (a->is_watched || set(signo, NULL, &a->program))
		return;
	a->is_watched = 1;
	if (a->program.sa_handler == SIG_DFL)
		install_default(set, signo);
	else if (a->program.sa_handler != SIG_IGN)
		install(set, signo, &a->program);
}

static void watch_crashes(void)
{
	for (int signo = 1; signo < NSIG; signo++)
		if (ex_signals_is_crash(signo))
			ex_signals_watch(signo);
	struct sigaction now = {.sa_flags = 0};
	ex_real.sigaction(SIGSEGV, NULL, &now);
	libc_flags = now.sa_flags & 0x04000000;
}

void ex_signals_start(void)
{
	if (!ex_real.sigaction || !ex_real.sigaltstack)
		return;
	watch_crashes();
	ex_signals_stack_begin(1);
}

void ex_signals_guard(void)
{
	int error = *ex_errno();
	if (!ex_real.sigaction || ex_os_is_sealed() || __atomic_exchange_n(&is_guarding, 1, __ATOMIC_ACQ_REL))
		return;
	watch_crashes();
	if (ex_options.flush_signal)
		ex_signals_watch((int)ex_options.flush_signal);
	ex_deadly_start();
	*ex_errno() = error;
}

void ex_signals_withdraw(int is_withdrawn)
{
	struct sigaction plain = {.sa_flags = 0};
	for (int signo = 1; signo < NSIG; signo++) {
		struct action *a = &actions[signo];
		if (!a->is_watched || a->program.sa_handler != SIG_DFL)
			continue;
		if (is_withdrawn)
			ex_real.sigaction(signo, &plain, NULL);
		else
			install_default(ex_real.sigaction, signo);
	}
	ex_deadly_withdraw(is_withdrawn);
}

int ex_signals_is_watched(int signo)
{
	return signo > 0 && signo < NSIG && actions[signo].is_watched;
}

void ex_signals_show(int signo, struct sigaction *action)
{
	if (action->sa_sigaction == on_signal) /* else it went past us: sigignore, a raw system call */
		*action = actions[signo].program;
}

int ex_signals_set(int signo, const struct sigaction *wanted)
{
	struct action *a = &actions[signo];
	if (wanted->sa_handler == SIG_IGN && ex_real.sigaction(signo, wanted, NULL))
		return -1;
	keep(a, wanted);
	if (wanted->sa_handler == SIG_DFL && ex_os_is_sealed())
		ex_real.sigaction(signo, wanted, NULL);
	else if (wanted->sa_handler == SIG_DFL)
		install_default(ex_real.sigaction, signo);
	else if (wanted->sa_handler != SIG_IGN)
		install(ex_real.sigaction, signo, wanted);
	return 0;
}

void ex_signals_settle(int signo)
{
	struct sigaction now;
	if (!ex_real.sigaction(signo, NULL, &now) && now.sa_sigaction != on_signal)
		ex_signals_set(signo, &now);
}
