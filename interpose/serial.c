/*
 * serial.c: see serial.h.
 */
#include "serial.h"

#include "expand.h"
#include "options.h"
#include "os/os.h"
#include "thread.h"

#define IS_AWAITED 0x80000000u /* somebody sleeps: to be woken when the owner leaves */
#define DOOR_NS 5000000000ull

/*
 * An owner that never leaves: a signal handler went out of its section by longjmp, or its thread was cancelled there. Who
 * has seen it make no step for so long takes its turn. Longer than the longest delay= can be.
 */
#define PATIENCE_NS 3000000000u

static uint32_t word;	 /* tid of the owner, 0 = free */
static uint32_t turns;	 /* taken so far */
static uint32_t exiting; /* serialize=exit: the thread that exits, 0 = none yet */
static uint64_t exit_ns; /* when that began */

static int take(uint32_t self)
{
	uint32_t none = 0;
	if (!__atomic_compare_exchange_n(&word, &none, self, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return 0;
	__atomic_fetch_add(&turns, 1, __ATOMIC_RELAXED);
	return 1;
}

static int take_over(uint32_t self, uint32_t turn, uint32_t now)
{
	if (__atomic_load_n(&turns, __ATOMIC_RELAXED) != turn ||
	    !__atomic_compare_exchange_n(&word, &now, self, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return 0;
	__atomic_fetch_add(&turns, 1, __ATOMIC_RELAXED);
	return 1;
}

static void wait_at_door(uint32_t self)
{
	uint32_t owner = __atomic_load_n(&exiting, __ATOMIC_ACQUIRE);
	if (!owner || owner == self)
		return;
	uint64_t passed_ns = ex_os_now_ns() - exit_ns;
	if (passed_ns < DOOR_NS)
		ex_os_sleep_ns(DOOR_NS - passed_ns);
}

void ex_serial_enter(void)
{
	uint32_t self = ex_thread_tid(), now;
	if (ex_options.serialize == EX_serialize_EXIT) {
		wait_at_door(self);
		return;
	}
	if (ex_os_is_sealed() || take(self))
		return;
	if ((__atomic_load_n(&word, __ATOMIC_RELAXED) & ~IS_AWAITED) == self)
		return;
	/* others may sleep behind us: whoever has slept takes it as one that is awaited */
	while (!ex_os_is_sealed() && !take(self | IS_AWAITED)) {
		uint32_t turn = __atomic_load_n(&turns, __ATOMIC_RELAXED);
		now = __atomic_load_n(&word, __ATOMIC_RELAXED);
		if (!now)
			continue;
		if (!(now & IS_AWAITED) &&
		    !__atomic_compare_exchange_n(&word, &now, now | IS_AWAITED, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			continue;
		now |= IS_AWAITED;
		if (ex_os_wait(&word, now, PATIENCE_NS) && take_over(self | IS_AWAITED, turn, now))
			return;
	}
}

void ex_serial_leave(void)
{
	uint32_t now = __atomic_load_n(&word, __ATOMIC_RELAXED);
	if (!now || (now & ~IS_AWAITED) != ex_thread_tid())
		return;
	if (__atomic_exchange_n(&word, 0, __ATOMIC_RELEASE) & IS_AWAITED)
		ex_os_wake(&word);
}

void ex_serial_exit_begins(void)
{
	if (ex_options.serialize != EX_serialize_EXIT || exiting)
		return;
	exit_ns = ex_os_now_ns();
	__atomic_store_n(&exiting, ex_thread_tid(), __ATOMIC_RELEASE);
}

void ex_serial_forget(void)
{
	__atomic_store_n(&exiting, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&word, 0, __ATOMIC_RELAXED);
}
