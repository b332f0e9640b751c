/*
 * contention.c: waits for the locks of allocators.
 *
 * glibc: __lll_lock_wait_private is where a thread goes that did not get an arena's lock at once; its argument is the
 * arena. Other private locks of libc (the list of arenas, stdio) come the same way and are told apart by the address.
 * What is not seen: a lock that is only tried (reused_arena), and a fastbin's compare-and-swap that has to go again.
 *
 * Other allocators block in pthread_mutex_lock (jemalloc) or not at all (mimalloc); tcmalloc makes the system call
 * itself. Their slots for that one function are led to us, so that no lock of the program's is touched.
 */
#include <elf.h>

#include "arch/arch.h"
#include "arena.h"
#include "contention.h"
#include "detour.h"
#include "expand.h"
#include "growth.h"
#include "image.h"
#include "object.h"
#include "os/os.h"
#include "real.h"
#include "serial.h"
#include "stream.h"
#include "thread.h"

#define CALLER ((uintptr_t)__builtin_return_address(0))
#define EBUSY_ 16

static void tell(int kind, uintptr_t lock, uintptr_t arena, uintptr_t caller, uint64_t begin_ns)
{
	EX_PUT(WAIT, wait,
	       (.kind = (uint8_t)kind, .lock = lock, .arena = arena, .caller = caller,
		.duration = ex_os_now_ns() - begin_ns), );
}

EX_ANY_STACK void ex_on___lll_lock_wait_private(int *lock)
{
	if (!ex_growth_is_on()) {
		ex_original.__lll_lock_wait_private(lock);
		return;
	}
	/* who holds this lock may be waiting for ours (malloc's arena_get_retry after a refused growth: 18 hangs in 25
	 * runs with a section that went on) */
	ex_growth_section_end();
	ex_serial_release();
	uint64_t begin_ns = ex_os_now_ns();
	ex_original.__lll_lock_wait_private(lock);
	uintptr_t arena = ex_arena_of_lock((uintptr_t)lock);
	tell(arena ? EX_lock_ARENA : EX_lock_LIBC, (uintptr_t)lock, arena, CALLER, begin_ns);
}

static int on_mutex_lock(void *mutex)
{
	if (!ex_growth_is_on() || !ex_real.pthread_mutex_trylock)
		return ex_real.pthread_mutex_lock(mutex);
	int error = ex_real.pthread_mutex_trylock(mutex);
	if (error != EBUSY_)
		return error;
	ex_growth_section_end();
	ex_serial_release();
	uint64_t begin_ns = ex_os_now_ns();
	error = ex_real.pthread_mutex_lock(mutex);
	tell(EX_lock_MUTEX, (uintptr_t)mutex, 0, CALLER, begin_ns);
	return error;
}

void ex_contention_watch(const struct ex_object *allocator)
{
	if (ex_real.pthread_mutex_lock && ex_real.pthread_mutex_trylock)
		ex_object_lead(allocator, "pthread_mutex_lock", (uintptr_t)on_mutex_lock);
}
