/*
 * tracer_word.c: when the word changed, and who did that. A store is known by the debug register of its own thread; all else is
 * the kernel's, and it must never be charged to a system call while another may have done it: then it is told as one of several,
 * or as unknown.
 */
#include "tracer_thread.h"

#include "text.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CODE_BYTES 15
#define STRANGE_MAX 64 /* steps: stops of the others that are waited for */

static int read_for(void *arg, uint64_t address, void *buffer, unsigned count)
{
	return ex_space_read(((struct ex_thread *)arg)->tid, address, buffer, count) == count;
}

static void record(struct ex_tracer *tracer, struct ex_thread *thread, struct ex_ev_wrote wrote,
		   const struct ex_tracee_regs *regs, const unsigned char *code, unsigned code_bytes, uint64_t value)
{
	struct ex_space *space = thread->space;
	unsigned char tails[256], stack[EX_STACK_MAX_BYTES], *out = tails;
	const uint16_t args_bytes = wrote.syscall < 0 ? 0 : sizeof(regs->args), regs_bytes = sizeof(regs->dwarf),
		       bytes = (uint16_t)code_bytes;
	size_t stack_bytes = 0;
	wrote.pid = (uint32_t)space->pid;
	wrote.thread = wrote.thread ? wrote.thread : (uint32_t)thread->tid;
	wrote.n = ex_watch_log_writes(tracer->log) + 1;
	wrote.sp = regs->sp;
	wrote.before = space->value;
	wrote.after = value;
	memcpy(out, &args_bytes, sizeof(args_bytes));
	memcpy(out += sizeof(args_bytes), regs->args, args_bytes);
	memcpy(out += args_bytes, &bytes, sizeof(bytes));
	memcpy(out += sizeof(bytes), code, bytes);
	memcpy(out += bytes, &regs_bytes, sizeof(regs_bytes));
	memcpy(out += sizeof(regs_bytes), regs->dwarf, regs_bytes);
	out += regs_bytes;
	/* a page at a time: the stack may end in one that is not there */
	while (regs->sp && stack_bytes < tracer->stack_bytes) {
		uint64_t at = regs->sp + stack_bytes;
		size_t want = 4096 - at % 4096;
		if (want > tracer->stack_bytes - stack_bytes)
			want = tracer->stack_bytes - stack_bytes;
		size_t got = ex_space_read(thread->tid, at, stack + stack_bytes, want);
		stack_bytes += got;
		if (got < want)
			break;
	}
	ex_watch_log_write(tracer->log, &wrote, tails, (size_t)(out - tails), stack, stack_bytes);
	space->writes++;
	space->value = value;
	space->strange = 0;
}

int ex_space_take_hit(struct ex_tracer *tracer, struct ex_thread *thread)
{
	struct ex_space *space = thread->space;
	struct ex_tracee_regs regs;
	unsigned char code[CODE_BYTES];
	unsigned code_bytes;
	uint64_t value;
	if (!thread->is_armed || !ex_tracee_was_hit(thread->tid))
		return 0;
	if (!space || !space->is_there || ex_tracee_read(thread->tid, &regs) ||
	    !ex_space_read_word(tracer, thread->tid, space->address, &value))
		return 1;
	struct ex_ev_wrote wrote = {.writer = EX_watch_writer_STORE, .syscall = -1};
	wrote.pc = ex_tracee_store_pc(&regs, space->address, tracer->word.bytes, read_for, thread, code, &code_bytes);
	wrote.is_behind = !wrote.pc;
	wrote.pc = wrote.pc ? wrote.pc : regs.pc;
	record(tracer, thread, wrote, &regs, code, code_bytes, value);
	return 1;
}

/* calls that wait, and write nothing meanwhile */
static int only_waits(int64_t number)
{
	return number == SYS_futex || number == SYS_exit || number == SYS_exit_group || number == SYS_write ||
	       number == SYS_sched_yield || number == SYS_execve;
}

static int is_ending(const struct ex_thread *thread)
{
	return thread->in_call && (thread->call.number == SYS_exit || thread->call.number == SYS_exit_group);
}

/* an argument leads to the word, or to less than the largest other argument before it */
static int may_reach(const struct ex_tracee_regs *call, uint64_t address, unsigned bytes)
{
	uint64_t room = 256;
	for (int n = 0; n < 6; n++)
		if (call->args[n] > room && call->args[n] <= 1u << 30)
			room = call->args[n];
	for (int n = 0; n < 6; n++)
		if (call->args[n] < address + bytes && address < call->args[n] + room && call->args[n] >= 4096)
			return 1;
	return 0;
}

/* the thread whose call did it: certain only where there is one, or one alone whose arguments lead there. thread: one that has just
 * stopped, at a call's end or elsewhere, NULL: none */
static struct ex_thread *find_caller(struct ex_tracer *tracer, const struct ex_space *space, struct ex_thread *thread,
				     int at_end, int *is_certain)
{
	struct ex_thread *found = NULL, *fits = NULL;
	unsigned count = 0, fitting = 0;
	for (size_t n = 0; n < tracer->thread_count; n++) {
		struct ex_thread *other = tracer->threads[n];
		int is_own = other == thread;
		if (other->space != space || (is_own ? !at_end : !other->in_call) || only_waits(other->call.number))
			continue;
		count++;
		found = is_own || !found ? other : found;
		if (may_reach(&other->call, space->address, tracer->word.bytes)) {
			fitting++;
			fits = other;
		}
	}
	found = fitting == 1 ? fits : found;
	/* of one that is still under way it is not known what it will have done */
	*is_certain = found && (count == 1 || fitting == 1) && (found == thread || ex_tracer_await_call(found));
	return found;
}

void ex_space_look(struct ex_tracer *tracer, struct ex_thread *thread, int how)
{
	struct ex_space *space = thread->space;
	struct ex_tracee_regs regs = {.pc = 0};
	struct ex_ev_wrote wrote = {.writer = (uint8_t)how, .syscall = -1};
	const unsigned char *none = (const unsigned char *)"";
	uint64_t value;
	if (!space || !space->is_there || !ex_space_read_word(tracer, thread->tid, space->address, &value) ||
	    value == space->value)
		return;
	/* at the end of another thread this one may well run */
	ex_tracer_halt(tracer, space, how == EX_watch_writer_EXIT ? NULL : thread);
	if (!ex_space_read_word(tracer, thread->tid, space->address, &value) || value == space->value)
		return; /* one of the others had stored it */
	int is_certain = 1;
	struct ex_thread *by = thread, *other = NULL;
	if (how == EX_watch_writer_SYSCALL || how == EX_watch_writer_UNKNOWN)
		by = find_caller(tracer, space, thread, how == EX_watch_writer_SYSCALL, &is_certain);
	/* a call that leads there may have done it just before that thread ended */
	if (how == EX_watch_writer_EXIT)
		other = find_caller(tracer, space, NULL, 0, &is_certain);
	if (other && may_reach(&other->call, space->address, tracer->word.bytes)) {
		by = other;
		wrote.writer = (uint8_t)(how = EX_watch_writer_UNKNOWN);
	} else if (by != thread) {
		other = by;
	}
	/* a call that was under way had maybe copied some of its bytes only (seen once in 4000: 0xbbaa00c2) */
	if (other)
		ex_space_read_word(tracer, thread->tid, space->address, &value);
	for (size_t n = 0; !by && n < tracer->thread_count; n++)
		if (tracer->threads[n]->space == space && is_ending(tracer->threads[n])) {
			wrote.writer = EX_watch_writer_EXIT;
			by = tracer->threads[n];
		}
	if (!by) {
		by = thread;
		wrote.writer = EX_watch_writer_UNKNOWN;
		ex_tracee_read(thread->tid, &regs);
		wrote.pc = regs.pc;
		wrote.is_behind = 1;
	} else if (how == EX_watch_writer_SIGNAL) {
		ex_tracee_read(thread->tid, &regs);
		wrote.pc = regs.pc;
	} else if (how == EX_watch_writer_EXIT) {
		wrote.thread = (uint32_t)tracer->gone; /* the one that looks has no part in it */
	} else {
		regs = by->call;
		if (wrote.writer != EX_watch_writer_EXIT)
			wrote.writer = is_certain ? EX_watch_writer_SYSCALL : EX_watch_writer_NEITHER;
		wrote.syscall = (int32_t)regs.number;
		wrote.pc = ex_tracee_syscall_pc(regs.pc);
		struct ex_tracee_regs now;
		if (by->is_stopped && (other || how == EX_watch_writer_SYSCALL) && !ex_tracee_read(by->tid, &now))
			wrote.result = now.result;
	}
	record(tracer, by, wrote, &regs, none, 0, value);
}

void ex_space_stepped(struct ex_tracer *tracer, struct ex_thread *thread, int is_frame)
{
	struct ex_space *space = thread->space;
	struct ex_ev_wrote wrote = {.writer = EX_watch_writer_STORE, .syscall = -1};
	struct ex_tracee_regs regs;
	unsigned char code[CODE_BYTES];
	unsigned count = CODE_BYTES;
	uint64_t value;
	if (!space || !space->is_there || !ex_space_read_word(tracer, thread->tid, space->address, &value) ||
	    value == space->value || ex_tracee_read(thread->tid, &regs))
		return;
	if (is_frame) {
		wrote.writer = EX_watch_writer_SIGNAL;
		wrote.pc = regs.pc;
		record(tracer, thread, wrote, &regs, code, 0, value);
		return;
	}
	if (!thread->has_before)
		return;
	while (count && !read_for(thread, thread->before.pc, code, count))
		count--;
	wrote.pc = thread->before.pc;
	if (ex_tracee_is_syscall(code, count)) {
		wrote.writer = EX_watch_writer_SYSCALL;
		wrote.syscall = (int32_t)thread->before.dwarf[0];
		wrote.result = regs.result;
		regs = thread->before;
		record(tracer, thread, wrote, &regs, code, 0, value);
	} else if (ex_tracee_stores(&thread->before, code, count, space->address, tracer->word.bytes)) {
		record(tracer, thread, wrote, &regs, code, count, value);
	} else if (space->users == 1 || ++space->strange > STRANGE_MAX) {
		wrote.writer = EX_watch_writer_UNKNOWN;
		wrote.pc = regs.pc;
		wrote.is_behind = 1;
		record(tracer, thread, wrote, &regs, code, 0, value);
	}
}
