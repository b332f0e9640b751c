/*
 * deadly.c: see deadly.h.
 *
 * Our entry is in the kernel only while the program leaves a signal to its default action: a handler of its own is called
 * by the kernel and by nobody else, and an ignored signal stays one, across exec too, which turns our entry into the
 * default again. Processes without a profile writer keep all theirs.
 */
#include "deadly.h"

#include <ucontext.h>

#include "companion.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "real.h"
#include "salvage.h"
#include "thread.h"

#define FIRST_REALTIME 34 /* those below are libc's own, and it lets nobody set them */
#define LAST_SIGNAL 64
#define PATIENCE_NS 5000000000u /* for another thread's writing */

static const int plain[] = {SIGHUP,  SIGINT,	SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE,   SIGALRM, SIGTERM,
			    SIGPOLL, SIGVTALRM, SIGPROF, SIGXCPU, SIGXFSZ, SIGSTKFLT, SIGPWR};
static uint64_t looked_after;
static struct sigaction programs[LAST_SIGNAL + 1];

static void on_deadly(int signo, siginfo_t *info, void *context)
{
	ex_death(signo, info, context, 0);
}

/* not through gcc's thread sanitizer, which would wrap us */
static int set_action(int signo, const struct sigaction *action, struct sigaction *before)
{
	return (ex_real.__sigaction ? ex_real.__sigaction : ex_real.sigaction)(signo, action, before);
}

/* Not on the signal stack: that may be as small as a handler of the program's needs it. No other handler meanwhile; faults
 * must come through, though, since one that is blocked ends the process with a signal of its own. */
static void arm(int signo)
{
	struct sigaction ours = {.sa_flags = SA_SIGINFO}, was;
	ours.sa_sigaction = on_deadly;
	ours.sa_mask.__val[0] = ~EX_FAULT_SIGNALS;
	if (set_action(signo, NULL, &was) || was.sa_handler != SIG_DFL || set_action(signo, &ours, &was))
		return;
	if (was.sa_handler == SIG_DFL)
		programs[signo] = was;
	else /* another thread has set its own in between */
		set_action(signo, &was, NULL);
}

void ex_deadly_start(void)
{
	/* the first process of a container dies of none of these: its default action is to ignore them */
	if (ex_os_pid() == 1)
		return;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		looked_after |= EX_SIGNAL_BIT(plain[i]);
	looked_after |= ~0ull << (FIRST_REALTIME - 1);
	if (ex_options.flush_signal)
		looked_after &= ~EX_SIGNAL_BIT((int)ex_options.flush_signal);
	ex_deadly_withdraw(0);
}

int ex_deadly_is(int signo)
{
	return signo > 0 && signo <= LAST_SIGNAL && (looked_after & EX_SIGNAL_BIT(signo));
}

void ex_deadly_show(int signo, struct sigaction *action)
{
	if (ex_deadly_is(signo) && action->sa_sigaction == on_deadly)
		*action = programs[signo];
}

int ex_deadly_settle(int signo)
{
	struct sigaction now;
	if (ex_os_is_sealed() || set_action(signo, NULL, &now) || now.sa_sigaction == on_deadly)
		return 1;
	if (now.sa_handler == SIG_DFL) {
		arm(signo);
	} else if (now.sa_handler != SIG_IGN && (now.sa_flags & (int)SA_RESETHAND)) {
		looked_after &= ~EX_SIGNAL_BIT(signo);
		return 0;
	}
	return 1;
}

void ex_deadly_withdraw(int is_withdrawn)
{
	struct sigaction now;
	for (int signo = 1; signo <= LAST_SIGNAL; signo++) {
		if (!ex_deadly_is(signo))
			continue;
		if (!is_withdrawn)
			arm(signo);
		else if (!set_action(signo, NULL, &now) && now.sa_sigaction == on_deadly)
			set_action(signo, &programs[signo], NULL);
	}
}

/* a vfork child has our memory, and a fork child that nobody has heard of a copy of its parent's counters */
static int is_own(void)
{
	return !ex_image.is_copy && ex_os_pid() == ex_image.pid;
}

void ex_death_salvage(int point)
{
	if (ex_options_salvages() && is_own() && !ex_os_is_sealed())
		ex_thread_call_apart(ex_salvage, point, PATIENCE_NS);
}

static struct {
	uint64_t thread; /* process and thread that a signal ends: a fork child inherits this, and is another process */
	int signo;
	siginfo_t info;
} dying;

int ex_death_is_coming(int is_default)
{
	uint64_t thread = __atomic_load_n(&dying.thread, __ATOMIC_ACQUIRE);
	return thread && thread >> 32 == ex_os_pid() && (is_default || (uint32_t)thread == ex_os_tid());
}

int ex_death_put_off(int signo, const siginfo_t *info, void *context)
{
	if (!ex_self.is_salvaging || info->si_code > 0)
		return 0;
	((ucontext_t *)context)->uc_sigmask.__val[0] |= EX_SIGNAL_BIT(signo);
	ex_os_resend(signo, info);
	return 1;
}

/* the thread that ends the process: the calling one, unless another is at it */
static uint64_t claim(uint64_t self)
{
	uint64_t thread = __atomic_load_n(&dying.thread, __ATOMIC_ACQUIRE);
	while (thread >> 32 != self >> 32)
		if (__atomic_compare_exchange_n(&dying.thread, &thread, self, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
			dying.signo = 0;
			return self;
		}
	return thread;
}

void ex_death(int signo, siginfo_t *info, void *context, int is_written)
{
	int is_fault = signo == SIGSEGV || signo == SIGBUS || signo == SIGILL || signo == SIGFPE;
	if (ex_options_salvages() && is_own()) {
		uint64_t self = (uint64_t)ex_os_pid() << 32 | ex_os_tid();
		ex_os_block_signals_but(EX_FAULT_SIGNALS); /* the return from this handler restores what was */
		ex_self.is_salvaging++;
		if (claim(self) != self)
			ex_os_wait_for_end();
		if (dying.signo) { /* one more, out of what we do for the first */
			signo = dying.signo;
			info = &dying.info;
			is_fault = 0;
		} else {
			dying.info = *info;
			dying.signo = signo;
			if (!is_written)
				ex_death_salvage(EX_point_DEATH);
			ex_companion_end();
			ex_self.is_salvaging--;
		}
	}
	ex_os_signal_default(signo);
	/* what is restored may be a mask that the signal came through only while sigsuspend, ppoll or pselect waited */
	((ucontext_t *)context)->uc_sigmask.__val[0] &= ~EX_SIGNAL_BIT(signo);
	/* a fault is taken again by going back to it */
	if (!is_fault || info->si_code <= 0)
		ex_os_resend(signo, info);
}
