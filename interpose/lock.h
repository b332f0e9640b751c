/*
 * lock.h: for a few lines each, never across a call of anyone else's code. It is given up on rather than waited for
 * without end: the holder may be the code that a signal has interrupted on this very thread. Giving up costs an event or
 * a handler, so first whoever holds it is let run: eight threads on two processors that only spun lost one handler in eight.
 */
#ifndef EX_LOCK_H
#define EX_LOCK_H

#include <stdint.h>

#include "os/os.h"

/* lock: pid of the holder, 0 = free. 1, or 0 when it was not to be had */
static inline int ex_try_lock(uint32_t *lock)
{
	uint32_t self = ex_os_pid();
	for (int i = 0; i < 1200; i++) {
		uint32_t holder = 0;
		if (__atomic_compare_exchange_n(lock, &holder, self, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return 1;
		/* a fork child may inherit the lock held by a thread that it does not have */
		if (holder != self &&
		    __atomic_compare_exchange_n(lock, &holder, self, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return 1;
		if (i >= 1000)
			ex_os_yield();
	}
	return 0;
}

static inline void ex_unlock(uint32_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

#endif
