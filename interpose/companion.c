/*
 * companion.c: see companion.h. Both sides: run() and what it calls is the companion's, which has no thread-local data of the
 * target's and may tell no event.
 */
#include "companion.h"

#include "arch/arch.h"
#include "clone_every.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "real.h"
#include "refuse.h"
#include "salvage.h"
#include "stream.h"
#include "thread.h"

#define SECOND_NS 1000000000u
#define AGAIN_NS 20000000u
#define PATIENCE_NS (10ull * SECOND_NS) /* for a snapshot that is being written */

static struct ex_os_companion *volatile companion;

/* what is done every so often */
struct duty {
	uint64_t interval_ns, next_ns; /* interval 0: not at all */
};

static int is_due(const struct duty *duty)
{
	return duty->interval_ns && ex_os_now_ns() >= duty->next_ns;
}

static void done(struct duty *duty)
{
	duty->next_ns += duty->interval_ns;
	if (duty->next_ns < ex_os_now_ns())
		duty->next_ns = ex_os_now_ns() + duty->interval_ns;
}

static void run(struct ex_os_companion *c)
{
	uint64_t begin_ns = ex_os_now_ns();
	struct duty flush = {(uint64_t)ex_options.flush_every_s * SECOND_NS, 0};
	struct duty copy = {(uint64_t)ex_options.clone_every_s * SECOND_NS, 0};
	flush.next_ns = flush.interval_ns ? begin_ns + flush.interval_ns : UINT64_MAX;
	copy.next_ns = copy.interval_ns ? begin_ns + copy.interval_ns : UINT64_MAX;
	while (!__atomic_load_n(&c->is_ending, __ATOMIC_ACQUIRE) && ex_os_companion_is_wanted(c)) {
		if (is_due(&flush)) {
			if (!ex_os_is_sealed())
				ex_salvage_aside(EX_point_EVERY);
			done(&flush);
		} else if (is_due(&copy)) {
			/* nobody runs: nothing changes meanwhile */
			if (ex_os_is_sealed() || ex_clone_tick(c->owner))
				done(&copy);
			else
				ex_os_companion_wait(c, ex_os_now_ns() + AGAIN_NS);
		} else {
			ex_os_companion_wait(c, flush.next_ns < copy.next_ns ? flush.next_ns : copy.next_ns);
		}
	}
}

/* how far below the thread pointer lies what code of ours, or errno, may be looked for by way of it */
static size_t thread_bytes(void)
{
	uintptr_t pointer = ex_arch_thread_pointer(), lowest = (uintptr_t)&ex_self;
	if ((uintptr_t)&ex_vforked < lowest)
		lowest = (uintptr_t)&ex_vforked;
	if ((uintptr_t)ex_errno() < lowest && pointer - (uintptr_t)ex_errno() < pointer - lowest + (1u << 20))
		lowest = (uintptr_t)ex_errno();
	return pointer - lowest;
}

static uint32_t is_changing;

void ex_companion_start(void)
{
	int error = 0;
	if ((!ex_options.flush_every_s && !ex_options.clone_every_s) || ex_image.is_fork_child ||
	    ex_image_is_borrowed() || ex_os_is_sealed() || __atomic_exchange_n(&is_changing, 1, __ATOMIC_ACQUIRE))
		return;
	if (!companion)
		companion = ex_os_companion_start(run, thread_bytes(), &error);
	__atomic_store_n(&is_changing, 0, __ATOMIC_RELEASE);
	if (error && ex_options.flush_every_s)
		ex_refuse(EX_refusal_NO_COMPANION, "flush", ex_options.flush_text);
	else if (error)
		ex_refuse(EX_refusal_NO_COMPANION, "clone-at", ex_options.clone_text);
}

/* a fork child finds this memory wiped; one that shares it is told by its number */
int ex_companion_lives(void)
{
	return companion && companion->pid && companion->owner == ex_os_pid();
}

int ex_companion_end(void)
{
	if (ex_os_is_sealed() || !ex_companion_lives() || __atomic_exchange_n(&is_changing, 1, __ATOMIC_ACQUIRE))
		return 0;
	ex_os_companion_end(companion, PATIENCE_NS);
	companion = NULL;
	__atomic_store_n(&is_changing, 0, __ATOMIC_RELEASE);
	return 1;
}
