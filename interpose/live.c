/*
 * live.c: see live.h. The kernel says where a sleeping thread's stack ends, and the stack lies in our own memory: no
 * signal is needed, nobody wakes up, and a thread that holds a lock goes on holding it.
 */
#include "live.h"

#include "image.h"
#include "os/os.h"
#include "stream.h"
#include "thread.h"

#define THREADS_MAX 256
#define STACK_BYTES 2048

static void tell(void *arg, const struct ex_os_thread *thread)
{
	char stack[STACK_BYTES];
	uint32_t *count = arg;
	if (thread->tid == ex_thread_tid() || *count == THREADS_MAX)
		return;
	++*count;
	/* it may wake up and end while we look: what is no longer there is not copied */
	size_t bytes = thread->sp ? ex_os_peek(stack, thread->sp, sizeof(stack)) : 0;
	EX_PUT(LIVE_THREAD, live_thread,
	       (.thread = thread->tid, .syscall = thread->syscall, .pc = thread->pc, .sp = thread->sp),
	       EX_TEXT(thread->name), EX_BLOB(stack, bytes), );
}

static uint32_t left; /* process whose first thread called pthread_exit: it stays in the system's list to the end */

void ex_live_main_leaves(void)
{
	left = ex_image.pid;
}

static int was_alone; /* when exit began; a thread that a handler starts is counted elsewhere */

uint32_t ex_live_count(void)
{
	uint32_t count = was_alone && ex_image.threads <= 0 ? 1 : ex_os_thread_count();
	return count > 1 && left == ex_image.pid ? count - 1 : count;
}

void ex_live_tell(void)
{
	uint32_t count = ex_live_count(), told = 0;
	was_alone = count == 1;
	if (count == 1 || (!count && ex_image.threads <= 0))
		return;
	ex_os_threads_each(tell, &told);
}
