/*
 * live.c: see live.h. Owns how a stack is read of which only two registers are known: frames end where a frame pointer
 * would be needed.
 */
#include "live.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

#define FRAMES_MAX 16
#define X86_REGS 17 /* DWARF order: sp is 7, pc 16 */
#define ARM_REGS 33 /* sp is 31, pc 32 */

struct name {
	int number;
	const char *name;
};

static const struct name x86_names[] = {
	{0, "read"},
	{1, "write"},
	{7, "poll"},
	{23, "select"},
	{34, "pause"},
	{35, "nanosleep"},
	{43, "accept"},
	{44, "sendto"},
	{45, "recvfrom"},
	{46, "sendmsg"},
	{47, "recvmsg"},
	{61, "wait4"},
	{72, "fcntl"},
	{73, "flock"},
	{128, "rt_sigtimedwait"},
	{130, "rt_sigsuspend"},
	{202, "futex"},
	{208, "io_getevents"},
	{230, "clock_nanosleep"},
	{232, "epoll_wait"},
	{247, "waitid"},
	{270, "pselect6"},
	{271, "ppoll"},
	{281, "epoll_pwait"},
	{288, "accept4"},
	{299, "recvmmsg"},
	{426, "io_uring_enter"},
	{441, "epoll_pwait2"},
};
static const struct name arm_names[] = {
	{22, "epoll_pwait"},
	{25, "fcntl"},
	{32, "flock"},
	{63, "read"},
	{64, "write"},
	{72, "pselect6"},
	{73, "ppoll"},
	{95, "waitid"},
	{98, "futex"},
	{101, "nanosleep"},
	{115, "clock_nanosleep"},
	{133, "rt_sigsuspend"},
	{137, "rt_sigtimedwait"},
	{202, "accept"},
	{206, "sendto"},
	{207, "recvfrom"},
	{211, "sendmsg"},
	{212, "recvmsg"},
	{242, "accept4"},
	{260, "wait4"},
	{426, "io_uring_enter"},
	{441, "epoll_pwait2"},
};

static unsigned reg_count; /* of the processor that the trace is from */

/* any sample of the image tells */
static unsigned registers(const struct ex_image *image)
{
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		int regs = ex_event_tail(event->meta, "regs");
		if (regs >= 0 && event->tail[regs].length)
			return event->tail[regs].length / 8;
	}
	return 0;
}

const char *ex_live_syscall(const struct ex_live_thread *thread)
{
	if (!thread->event || EX_EVENT(thread->event, live_thread)->syscall < 0)
		return NULL;
	int number = EX_EVENT(thread->event, live_thread)->syscall;
	const struct name *names = reg_count == ARM_REGS ? arm_names : x86_names;
	size_t count = reg_count == ARM_REGS   ? sizeof(arm_names) / sizeof(*arm_names)
		       : reg_count == X86_REGS ? sizeof(x86_names) / sizeof(*x86_names)
					       : 0;
	for (size_t n = 0; n < count; n++)
		if (names[n].number == number)
			return names[n].name;
	return ex_format("system call %d", number);
}

const struct ex_place *ex_live_caller(const struct ex_live_thread *thread)
{
	for (int n = 1; n < thread->frame_count; n++)
		if (thread->frames[n].module && thread->frames[n].module != thread->frames[0].module)
			return &thread->frames[n];
	return NULL;
}

/* The other registers are not known and taken as 0: a frame that is found by one of them lies at an address where the
 * sample has nothing, so that the stack ends there and no frame is made up. */
int ex_live_unwind(const struct ex_teardown *teardown, uint64_t pc, uint64_t sp, struct ex_text stack,
		   struct ex_place **frames)
{
	uint64_t regs[ARM_REGS] = {0};
	unsigned count = reg_count = registers(teardown->image);
	int found = 0;
	*frames = NULL;
	if (!pc)
		return 0;
	*frames = calloc(FRAMES_MAX, sizeof(**frames));
	if (!*frames)
		abort();
	regs[count == ARM_REGS ? 31 : 7] = sp;
	regs[count == ARM_REGS ? 32 : 16] = pc;
	if (count == ARM_REGS || count == X86_REGS)
		found = ex_symbols_unwind(teardown->symbols, (struct ex_text){(const char *)regs, count * 8}, stack, 0,
					  *frames, FRAMES_MAX);
	if (!found)
		(*frames)[found++] = ex_symbols_place(teardown->symbols, pc, 0);
	return found;
}

static void see(struct ex_live_thread *threads, size_t *count, const struct ex_teardown *teardown,
		const struct ex_event *event)
{
	uint32_t tid = EX_EVENT(event, live_thread)->thread;
	struct ex_live_thread *thread = NULL;
	for (size_t n = 0; n < *count && !thread; n++)
		if (threads[n].tid == tid)
			thread = &threads[n];
	if (!thread) {
		thread = &threads[(*count)++];
		*thread = (struct ex_live_thread){.tid = tid, .start.module_name = ""};
		for (size_t n = 0; tid == teardown->image->pid && n < teardown->count; n++)
			if (teardown->rows[n].kind == EX_ROW_MAIN_END)
				thread->start = teardown->rows[n].place;
		for (size_t n = 0; tid == teardown->image->pid && n < teardown->image->event_count; n++)
			if (teardown->image->events[n]->meta->id == EX_EV_MAIN_BEGIN)
				thread->start =
					ex_symbols_place(teardown->symbols,
							 EX_EVENT(teardown->image->events[n], main_begin)->fn, 0);
	}
	thread->event = event;
	thread->name = event->tail[ex_event_tail(event->meta, "name")].bytes;
	ex_symbols_at(teardown->symbols, event->time_ns);
	const struct ex_ev_live_thread *live = EX_EVENT(event, live_thread);
	thread->frame_count = ex_live_unwind(teardown, live->pc, live->sp,
					     event->tail[ex_event_tail(event->meta, "stack")], &thread->frames);
}

static struct ex_live_after *after_of(struct ex_live_thread *thread, const struct ex_row *row)
{
	for (size_t n = 0; n < thread->after_count; n++)
		if (thread->after[n].row == row)
			return &thread->after[n];
	thread->after = realloc(thread->after, (thread->after_count + 1) * sizeof(*thread->after));
	if (!thread->after)
		abort();
	thread->after[thread->after_count] = (struct ex_live_after){.row = row};
	return &thread->after[thread->after_count++];
}

static void watch(struct ex_live_thread *threads, size_t count, const struct ex_teardown *teardown, uint32_t exiting,
		  const struct ex_event *event)
{
	int is_growth = event->meta->id == EX_EV_GROWTH && EX_EVENT(event, growth)->n;
	if (!is_growth && event->meta->id != EX_EV_LATE_CALL)
		return;
	for (size_t n = 0; n < count; n++) {
		if (threads[n].tid != event->tid)
			continue;
		struct ex_live_after *after =
			after_of(&threads[n], ex_teardown_row_at(teardown, exiting, event->time_ns));
		int kind = is_growth ? -1 : EX_EVENT(event, late_call)->kind;
		after->growths += is_growth;
		after->allocations += kind == EX_late_call_ALLOCATE || kind == EX_late_call_RESIZE;
		after->frees += kind == EX_late_call_RELEASE || kind == EX_late_call_RESIZE;
	}
}

size_t ex_live_find(const struct ex_teardown *teardown, struct ex_live_thread **list)
{
	const struct ex_image *image = teardown->image;
	uint64_t exit_ns = image->first_exit ? image->first_exit->time_ns : image->end_ns;
	uint32_t exiting = image->first_exit ? image->first_exit->tid : image->crash ? image->crash->tid : image->pid;
	struct ex_live_thread *threads = calloc(image->event_count + 1, sizeof(*threads));
	size_t count = 0;
	if (!threads)
		abort();
	reg_count = registers(image);
	for (size_t n = 0; n < image->event_count && image->events[n]->time_ns <= exit_ns; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id == EX_EV_THREAD_BEGIN && event->tid != exiting) {
			ex_symbols_at(teardown->symbols, event->time_ns);
			threads[count++] =
				(struct ex_live_thread){.tid = event->tid,
							.start =
								ex_symbols_place(teardown->symbols,
										 EX_EVENT(event, thread_begin)->fn, 0)};
		}
		for (size_t t = 0; event->meta->id == EX_EV_THREAD_END && t < count; t++)
			if (threads[t].tid == event->tid) {
				memmove(&threads[t], &threads[t + 1], (--count - t) * sizeof(*threads));
				break;
			}
	}
	for (size_t n = 0; n < image->event_count; n++)
		if (image->events[n]->meta->id == EX_EV_LIVE_THREAD &&
		    EX_EVENT(image->events[n], live_thread)->thread != exiting)
			see(threads, &count, teardown, image->events[n]);
	for (size_t n = 0; n < image->event_count; n++)
		if (image->events[n]->time_ns > exit_ns)
			watch(threads, count, teardown, exiting, image->events[n]);
	ex_symbols_at(teardown->symbols, UINT64_MAX - 1);
	*list = threads;
	return count;
}
