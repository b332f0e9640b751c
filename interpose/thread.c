/*
 * thread.c: see thread.h.
 */
#include "thread.h"

#include "arch/arch.h"
#include "os/os.h"
#include "place.h"

#define APART_BYTES (64u << 10)
#define PAUSE_NS 1000000u

__thread struct ex_thread ex_self;
__thread int ex_vforked;
static char apart[APART_BYTES] __attribute__((aligned(64))) EX_TABLE;
static uint64_t apart_user; /* process and thread, 0 = free; a fork child's copy is nobody's */

uint32_t ex_thread_tid(void)
{
	if (!ex_self.tid)
		ex_self.tid = ex_os_tid();
	return ex_self.tid;
}

int ex_thread_call_apart(void (*fn)(int arg), int arg, uint64_t patience_ns)
{
	uint64_t self = (uint64_t)ex_os_pid() << 32 | ex_os_tid(), begin_ns = ex_os_now_ns();
	for (;;) {
		uint64_t user = __atomic_load_n(&apart_user, __ATOMIC_RELAXED);
		int is_free = !user || user >> 32 != self >> 32;
		if (is_free &&
		    __atomic_compare_exchange_n(&apart_user, &user, self, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			break;
		if (user == self || ex_os_now_ns() - begin_ns > patience_ns)
			return 0;
		ex_os_sleep_ns(PAUSE_NS);
	}
	ex_arch_call_on(apart + APART_BYTES, fn, arg);
	__atomic_store_n(&apart_user, 0, __ATOMIC_RELEASE);
	return 1;
}

static int is_apart(uintptr_t frame)
{
	return frame - (uintptr_t)apart < APART_BYTES;
}

/*
 * Library code calls nothing that could come back above its own frame, so a later call from there or higher says that a
 * handler has left by longjmp. On a signal stack nothing can be said of frames on the ordinary one, nor on ours.
 */
int ex_thread_has_left(uintptr_t claimed, uintptr_t here)
{
	uintptr_t begin, end;
	int is_signal_stack = ex_os_signal_stack(&begin, &end), was_there = claimed >= begin && claimed < end;
	if (is_apart(here) != is_apart(claimed))
		return is_apart(claimed) && !is_signal_stack;
	if (is_signal_stack != was_there)
		return was_there;
	return here >= claimed;
}

/* only on the thread's own stack: of a coroutine's nothing can be said, nor of a signal's, which may be a part of it */
void ex_thread_settle(uintptr_t sp)
{
	struct ex_thread *self = &ex_self;
	uintptr_t begin, end;
	while (self->depth && self->depth <= EX_TURNS && sp >= self->turns[self->depth - 1].at &&
	       sp < self->stack_top) {
		ex_os_signal_stack(&begin, &end);
		if (sp >= begin && sp < end)
			return;
		self->depth--;
		self->running = self->depth ? self->turns[self->depth - 1].id : 0;
	}
}

size_t ex_thread_stack_above(uintptr_t sp, size_t max)
{
	uintptr_t top = ex_self.stack_top, page = ex_os_page_bytes();
	/* a thread that we did not see start, or a signal stack: the rest of this page is all that is certain */
	uintptr_t boundary = (sp | (page - 1)) + 1;
	char byte;
	if (sp >= top || top - sp > (64u << 20))
		top = boundary;
	size_t bytes = top - sp < max ? top - sp : max;
	/* a coroutine's stack may lie below the thread's own and end with this page */
	if (bytes > boundary - sp && top - sp > page && !ex_os_peek(&byte, boundary, 1))
		bytes = boundary - sp;
	return bytes;
}
