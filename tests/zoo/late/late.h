/*
 * late.h: what the programs of this folder share: memory that is mapped and given back as a program's own pool would
 * be, and handlers that do nothing. No function is called as any known allocator calls it.
 */
#ifndef ZOO_LATE_H
#define ZOO_LATE_H

#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STORE_BYTES ((size_t)1 << 20)

static volatile int *store;
static volatile long steps; /* of the thread that works, where no handler takes it away */

static inline void store_open(void)
{
	void *begin = mmap(NULL, STORE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (begin == MAP_FAILED)
		_exit(98);
	store = (int *)begin;
	store[100] = 7;
}
static inline void store_unmap(void)
{
	munmap((void *)store, STORE_BYTES);
}
static inline void store_use(void)
{
	store[100]++;
	steps++;
}
/* not by a symbol that a hook may change */
static inline void rest(int milliseconds)
{
	poll(NULL, 0, milliseconds);
}
/* until the other thread has gone on, which it does not where it is stopped: then for a while */
static inline void linger_for(const volatile long *others_steps)
{
	long from = *others_steps;
	for (int i = 0; i < 300 && *others_steps < from + 3; i++)
		rest(2);
}
static inline void idle_one(void)
{
}

#endif
