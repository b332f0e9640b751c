/*
 * handling.c: see handling.h. Signal-safe. Nothing is copied when a fault comes (a runtime takes a million of them on
 * purpose): siginfo and registers stay where the kernel has put them until the handler returns.
 */
#include "handling.h"

#include "arch/arch.h"
#include "crash.h"
#include "fault_map.h"
#include "os/os.h"
#include "place.h"
#include "stream.h"
#include "thread.h"

#define MARK 0x68616e646c696e67u

static uint64_t mark_of(const struct ex_handling *at)
{
	return MARK ^ (uintptr_t)at;
}

/* what runs at here has that frame below it no more. Not ex_thread_has_left: it is asked from our own signal stack too, of the
 * code that was interrupted */
static int is_left(uintptr_t at, uintptr_t here)
{
	uintptr_t begin, end;
	ex_os_signal_stack(&begin, &end);
	int is_there = here >= begin && here < end, was_there = at >= begin && at < end;
	return is_there != was_there ? was_there : here >= at;
}

void ex_handling_begin(struct ex_handling *now, int signo, const siginfo_t *info, void *context, int is_told)
{
	struct ex_handling *outer = ex_self.handling;
	if (outer && is_left((uintptr_t)outer, (uintptr_t)now))
		outer = NULL;
	*now = (struct ex_handling){mark_of(now), signo, is_told, info, context, outer};
	ex_self.handled.signo = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	ex_self.handling = now;
}

void ex_handling_end(const struct ex_handling *now)
{
	uint64_t regs[EX_REGS];
	ex_self.handling = now->outer;
	ex_arch_from_context(now->context, regs);
	ex_self.handled.pc = regs[EX_REG_PC];
	ex_self.handled.sp = regs[EX_REG_SP];
	ex_self.handled.address = (uintptr_t)now->info->si_addr;
	ex_self.handled.code = now->info->si_code;
	ex_self.handled.is_told = now->is_told;
	ex_self.handled.signo = now->signo;
}

/* A handler that sends its signal again: it is blocked there, and comes when the handler has returned, before the program runs a
 * single instruction */
static void tell_returned(void *context)
{
	uint64_t regs[EX_REGS];
	siginfo_t info = {.si_signo = ex_self.handled.signo, .si_code = ex_self.handled.code};
	if (!context || !info.si_signo)
		return;
	ex_arch_from_context(context, regs);
	if (regs[EX_REG_PC] != ex_self.handled.pc || regs[EX_REG_SP] != ex_self.handled.sp)
		return;
	info.si_addr = (void *)ex_self.handled.address;
	ex_crash_tell_handled(info.si_signo, &info, context, ex_self.handled.is_told);
}

void ex_handling_tell(uintptr_t here, void *sent)
{
	struct ex_handling *at = ex_self.handling, now;
	ex_self.handling = NULL; /* once; and a fault in here is not one of the program's */
	/* the frame may be of a stack that is gone, and its place another's: above the caller, or overwritten */
	if (!at || is_left((uintptr_t)at, here) || ex_os_peek(&now, (uintptr_t)at, sizeof(now)) < sizeof(now) ||
	    now.mark != mark_of(at)) {
		tell_returned(sent);
		return;
	}
	ex_crash_tell_handled(now.signo, now.info, now.context, now.is_told);
}
