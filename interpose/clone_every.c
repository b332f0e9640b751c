/*
 * clone_every.c: see clone_every.h.
 */
#include "clone_every.h"

#include "clone.h"
#include "companion.h"
#include "deadly.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "refuse.h"
#include "stream.h"
#include "thread.h"

static int tick_signal; /* 0 = none is used */
static uint32_t is_asked;

static void copy_apart(int arg)
{
	(void)arg;
	ex_clone_at(EX_point_EVERY);
}

/* on a stack of ours: a thread may have a narrow one for its signals */
static void on_tick(int signo)
{
	(void)signo;
	__atomic_store_n(&is_asked, 0, __ATOMIC_RELEASE);
	/* in the middle of an event of ours, a copy would go on with a file that is not its own: the next time, then */
	if (!ex_self.putting)
		ex_thread_call_apart(copy_apart, 0, 0);
}

void ex_clone_every_start(void)
{
	if (!ex_options.clone_every_s || ex_os_is_sealed())
		return;
	ex_deadly_withdraw(1); /* ours must not make it seem taken */
	tick_signal = ex_os_free_signal(on_tick, 1);
	ex_deadly_withdraw(0);
	if (tick_signal)
		ex_companion_start();
	else
		ex_refuse(EX_refusal_NO_COMPANION, "clone-at", ex_options.clone_text);
}

int ex_clone_tick(uint32_t owner)
{
	int signo = __atomic_load_n(&tick_signal, __ATOMIC_ACQUIRE);
	/* the last one has not come: the thread is about to end, or blocks signals since */
	if (!signo || __atomic_load_n(&is_asked, __ATOMIC_ACQUIRE))
		return 1;
	uint32_t tid = ex_os_running_thread(owner, signo);
	if (!tid)
		return 0;
	__atomic_store_n(&is_asked, 1, __ATOMIC_RELEASE);
	if (ex_os_thread_signal_of(owner, tid, signo))
		__atomic_store_n(&is_asked, 0, __ATOMIC_RELEASE);
	return 1;
}

void ex_clone_every_yield(int signo)
{
	if (!tick_signal || signo != tick_signal || ex_image_is_borrowed())
		return;
	__atomic_store_n(&tick_signal, 0, __ATOMIC_RELEASE);
	ex_os_signal_default(signo);
	ex_refuse(EX_refusal_NO_COMPANION, "clone-at", ex_options.clone_text);
}

void ex_clone_every_show(int signo, struct sigaction *action)
{
	if (tick_signal && signo == tick_signal && action->sa_handler == on_tick)
		*action = (struct sigaction){.sa_flags = 0};
}
