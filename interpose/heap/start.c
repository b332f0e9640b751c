/*
 * start.c: the -heap library's half of heap.h, and what the wrappers do once and not in every call.
 */
#include "heap.h"

#include "fills.h"
#include "image.h"
#include "object.h"
#include "options.h"
#include "os/os.h"
#include "guard.h"
#include "stream.h"

#define NEAR_BYTES 65536

/* a page that the kernel wipes at fork: one load tells both what is asked for and that this is a new process, before the
 * child could count into its parent's file */
static uint32_t unwiped;
volatile uint32_t *ex_heap_mode = &unwiped;
static uint32_t wanted; /* 0 before the image has started */

/* where the kernel wipes nothing (gVisor, Linux before 4.14) libc tells a child, before anything else runs in it */
static void child_begins(void)
{
	unwiped = 0;
}

static void ask_for_children(void)
{
	int (*at_fork)(void (*)(void), void (*)(void), void (*)(void), void *) =
		(int (*)(void (*)(void), void (*)(void), void (*)(void), void *))ex_object_binding("__register_atfork");
	if (at_fork)
		at_fork(NULL, NULL, child_begins, NULL);
}

int ex_heap_is_wrapped(void)
{
	return 1;
}

/* glibc's malloc calls nothing of the family: a call that is not guarded need not be known as the outermost one */
static uint32_t sample_bit(void)
{
	if (ex_options.guard != EX_guard_SAMPLE || ex_options.serialize)
		return 0;
	ex_usable_prepare();
	return ex_usable_way == EX_USABLE_HEADER ? EX_HEAP_SAMPLE : 0;
}

void ex_heap_start(void)
{
	volatile uint32_t *page = ex_os_fork_mark();
	if (!ex_heap_real.is_found)
		ex_heap_find();
	wanted = EX_HEAP_AWAKE | (ex_options.log_counters ? EX_HEAP_COUNTS : 0) |
		 (ex_options.serialize == EX_serialize_MALLOC || ex_options.serialize == EX_serialize_EXIT
			  ? EX_HEAP_SERIAL
			  : 0) |
		 (ex_options.free_own ? EX_HEAP_OWN : 0) | (ex_options.scribble ? EX_HEAP_SCRIBBLE : 0) |
		 (ex_options.keep_code ? EX_HEAP_KEEP : 0);
	if (ex_options.guard == EX_guard_SLACK && ex_slack_prepare())
		wanted |= EX_HEAP_GUARD;
	else if (ex_options.guard > EX_guard_SLACK && ex_pages_prepare())
		wanted |= EX_HEAP_PAGES | sample_bit();
	else if (ex_options.guard)
		EX_PUT(REFUSED, refused, (.why = EX_refusal_NO_ROOM), EX_TEXT("guard"), );
	ex_fills_find();
	if (page)
		ex_heap_mode = page;
	else
		ask_for_children();
	ex_heap_wake();
	ex_heap_tell_real();
	if (ex_options.log_counters && !ex_self.counters)
		ex_counters_begin();
}

void ex_heap_crashes(uintptr_t address)
{
	if (wanted & EX_HEAP_PAGES)
		ex_pages_tell_fault(address);
	if (wanted & EX_HEAP_GUARD)
		ex_slack_check_all(EX_damage_CRASH);
}

void ex_heap_ends(void)
{
	if (wanted & EX_HEAP_GUARD)
		ex_slack_check_all(EX_damage_EXIT);
}

void ex_heap_exit_begins(void)
{
	if (!(wanted & EX_HEAP_COUNTS))
		return;
	wanted |= EX_HEAP_LATE;
	if (*ex_heap_mode)
		*ex_heap_mode = wanted;
}

uint32_t ex_heap_wake(void)
{
	if (!ex_heap_real.is_found)
		ex_heap_find();
	if (!wanted)
		return EX_HEAP_COUNTS | EX_HEAP_OWN; /* what is given out now may be freed when free=own is known */
	if (ex_image.is_copy)
		return 0;
	ex_image_check_fork();
	return *ex_heap_mode = wanted;
}

int ex_heap_has_left(uintptr_t here)
{
	uintptr_t outermost = ex_self.in_heap;
	if (here < outermost && outermost - here < NEAR_BYTES)
		return 0;
	return ex_thread_has_left(outermost, here);
}

/* called by the unwinder for every frame of a wrapper that an exception, or a thread's cancellation, is about to pass */
int ex_heap_unwound(int version, int actions, uint64_t class, void *exception, void *context)
	__attribute__((used, visibility("hidden")));
int ex_heap_unwound(int version, int actions, uint64_t class, void *exception, void *context)
{
	(void)version;
	(void)actions; /* also when it is only looking for a handler: none may be found, and terminate must not stand in line */
	(void)class;
	(void)exception;
	(void)context;
	ex_heap_leave(ex_self.in_heap != 0);
	return 8; /* _URC_CONTINUE_UNWIND */
}
