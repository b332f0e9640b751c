/*
 * lock.h: for a few lines each, never across a call of anyone else's code. The one case in which waiting would never end
 * is told apart: a signal has interrupted the holder on this very thread. Anybody else's turn ends by itself.
 */
#ifndef EX_LOCK_H
#define EX_LOCK_H

#include <stdint.h>

#include "os/os.h"
#include "thread.h"

/* lock: thread that holds it, 0 = free. 1, or 0 when it was not to be had */
static inline int ex_try_lock(uint32_t *lock)
{
	uint32_t self = ex_thread_tid();
	for (int i = 0; i < 1000000; i++) {
		uint32_t holder = 0;
		if (__atomic_compare_exchange_n(lock, &holder, self, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return 1;
		if (holder == self)
			return 0;
		if (i < 1000)
			continue;
		ex_os_yield(); /* more threads than processors: spinning alone lost one handler in eight */
		/* a fork child may inherit the lock held by a thread that it does not have */
		if (i % 1024 == 0 && !ex_os_is_sealed() && !ex_os_thread_lives(holder) &&
		    __atomic_compare_exchange_n(lock, &holder, self, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return 1;
	}
	return 0;
}

static inline void ex_unlock(uint32_t *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

#endif
