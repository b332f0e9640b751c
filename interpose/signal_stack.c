/*
 * signal_stack.c: the signal stacks that we give to threads which have none, so that a stack overflow can be told. See
 * signals.h.
 */
#include "signals.h"

#include <signal.h>

#include "arch/arch.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "place.h"
#include "real.h"
#include "sandbox.h"
#include "thread.h"

static char main_stack[EX_SIGNAL_STACK_BYTES] __attribute__((aligned(64))) EX_TABLE;

void ex_signals_stack_begin(int is_main)
{
	stack_t now, ours = {.ss_size = EX_SIGNAL_STACK_BYTES};
	if (!ex_options.signals || ex_os_is_sealed() || !ex_real.sigaltstack || ex_real.sigaltstack(NULL, &now) ||
	    !(now.ss_flags & SS_DISABLE))
		return;
	ours.ss_sp = is_main ? main_stack : ex_os_map(EX_SIGNAL_STACK_BYTES);
	if (ours.ss_sp && !is_main)
		ex_sandbox_touch((char *)ours.ss_sp + EX_SIGNAL_STACK_BYTES - EX_SIGNAL_STACK_TOUCHED_BYTES,
				 EX_SIGNAL_STACK_TOUCHED_BYTES);
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

/* the program's own: ours is the handler that is called there first */
static void touch(const stack_t *given)
{
	int error = *ex_errno();
	if (ex_options.signals && !(given->ss_flags & SS_DISABLE) && !ex_vforked)
		ex_sandbox_touch_stack((uintptr_t)given->ss_sp, given->ss_size);
	*ex_errno() = error;
}

EX_EXPORT int sigaltstack(const stack_t *wanted, stack_t *before)
{
	stack_t now;
	ex_image_ready();
	if (!ex_real.sigaltstack)
		return -1;
	if (!ex_self.alternate || ex_vforked) {
		int result = ex_real.sigaltstack(wanted, before);
		if (!result && wanted)
			touch(wanted);
		return result;
	}
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
	if (wanted)
		touch(wanted);
	if (before)
		*before = is_ours ? (stack_t){.ss_flags = SS_DISABLE} : now;
	return 0;
}
