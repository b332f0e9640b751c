/*
 * tracer_word.c: the word in each traced process: when it is there, when it changed, and who did that. A store is known by the
 * debug register of its own thread; all else is the kernel's, and it must never be charged to a system call while another
 * may have done it: then it is told as one of several, or as unknown.
 */
#include "tracer_thread.h"

#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef KCMP_VM
#define KCMP_VM 1
#endif

#define CODE_BYTES 15
#define STRANGE_MAX 64 /* steps: stops of the others that are waited for */

/* gVisor has no process_vm_readv */
static size_t peek(pid_t tid, uint64_t address, unsigned char *to, size_t bytes)
{
	size_t done = 0;
	while (done < bytes) {
		uint64_t at = (address + done) & ~7ull, skip = address + done - at;
		errno = 0;
		long word = ptrace(PTRACE_PEEKDATA, tid, (void *)(uintptr_t)at, NULL);
		if (errno)
			break;
		size_t count = 8 - skip < bytes - done ? 8 - skip : bytes - done;
		memcpy(to + done, (char *)&word + skip, count);
		done += count;
	}
	return done;
}

static size_t read_memory(pid_t tid, uint64_t address, void *buffer, size_t bytes)
{
	struct iovec to = {buffer, bytes}, from = {(void *)(uintptr_t)address, bytes};
	ssize_t got = process_vm_readv(tid, &to, 1, &from, 1, 0);
	return got < 0 ? errno == ENOSYS ? peek(tid, address, buffer, bytes) : 0 : (size_t)got;
}

static int read_for(void *arg, uint64_t address, void *buffer, unsigned count)
{
	return read_memory(((struct ex_thread *)arg)->tid, address, buffer, count) == count;
}

static int read_word(const struct ex_tracer *tracer, pid_t tid, uint64_t address, uint64_t *value)
{
	*value = 0;
	return read_memory(tid, address, value, tracer->word.bytes) == tracer->word.bytes;
}

/* ---- whose memory ---- */

void ex_space_join(struct ex_tracer *tracer, struct ex_thread *thread)
{
	struct ex_space *space = NULL;
	for (size_t n = 0; n < tracer->thread_count && !space; n++) {
		struct ex_thread *other = tracer->threads[n];
		if (other != thread && other->space && other->pid == thread->pid)
			space = other->space;
	}
	for (size_t n = 0; n < tracer->thread_count && !space; n++) {
		struct ex_thread *other = tracer->threads[n];
		if (other != thread && other->space && !syscall(SYS_kcmp, thread->tid, other->tid, KCMP_VM, 0, 0))
			space = other->space;
	}
	if (!space) {
		space = calloc(1, sizeof(*space));
		if (!space)
			abort();
		space->pid = thread->pid;
	}
	space->users++;
	thread->space = space;
	thread->is_armed = 0;
}

static void tell_end(struct ex_tracer *tracer, struct ex_space *space, int wait_status)
{
	struct ex_ev_watch_end event = {.pid = (uint32_t)space->pid,
					.writes = space->writes,
					.syscalls = space->calls,
					.value = space->value,
					.status = wait_status};
	if (space->is_there)
		ex_watch_log_put(tracer->log, EX_EV_WATCH_END, &event, sizeof(event), NULL, 0);
	space->is_there = 0;
}

void ex_space_leave(struct ex_tracer *tracer, struct ex_thread *thread, int wait_status)
{
	struct ex_space *space = thread->space;
	thread->space = NULL;
	if (!space || --space->users)
		return;
	tell_end(tracer, space, wait_status);
	free(space);
}

/* ---- when it is there ---- */

void ex_space_arm(struct ex_tracer *tracer, struct ex_thread *thread)
{
	struct ex_space *space = thread->space;
	if (!space || tracer->way != EX_watch_by_BREAKPOINT || thread->is_armed == space->is_there)
		return;
	if (!space->is_there)
		ex_tracee_unwatch(thread->tid);
	else if (ex_tracee_watch(thread->tid, space->address, tracer->word.bytes)) {
		if (tracer->asked == EX_watch_by_BREAKPOINT) {
			tracer->is_unarmed = 1;
			ex_tracer_end_all(tracer);
			return;
		}
		tracer->way = EX_watch_by_STEPS;
		ex_tracer_note(tracer, thread->pid, EX_watch_note_STEPS,
			       "this system gives no debug registers: single steps are taken");
		return;
	}
	thread->is_armed = space->is_there;
}

static void begin(struct ex_tracer *tracer, struct ex_thread *thread, uint64_t address, const char *place)
{
	struct ex_space *space = thread->space;
	if (!read_word(tracer, thread->tid, address, &space->value))
		return;
	space->is_there = 1;
	space->address = address;
	ex_space_arm(tracer, thread);
	ex_tracer_halt(tracer, thread); /* those that run are armed as they stop */
	read_word(tracer, thread->tid, address, &space->value);
	struct ex_ev_watch event = {.pid = (uint32_t)space->pid,
				    .address = address,
				    .bytes = (uint8_t)tracer->word.bytes,
				    .value = space->value,
				    .by = (uint8_t)tracer->way};
	char tails[2 * EX_TEXT_MAX_BYTES];
	int word = snprintf(tails, EX_TEXT_MAX_BYTES, "%s", tracer->word.text);
	int where = snprintf(tails + word + 1, EX_TEXT_MAX_BYTES, "%s", place);
	ex_watch_log_put(tracer->log, EX_EV_WATCH, &event, sizeof(event), tails, (size_t)(word + where + 2));
	const char *moved = ex_watch_word_moved(&tracer->word, thread->pid);
	if (moved)
		ex_tracer_note(tracer, thread->pid, EX_watch_note_LAYOUT, moved);
}

void ex_space_find_word(struct ex_tracer *tracer, struct ex_thread *thread)
{
	struct ex_space *space = thread->space;
	const char *place;
	uint64_t value;
	if (!space)
		return;
	if (space->is_there) {
		if (read_word(tracer, thread->tid, space->address, &value))
			return;
		ex_tracer_note(tracer, thread->pid, EX_watch_note_GONE,
			       "the word cannot be read any more; should it come back, it is watched again");
		tell_end(tracer, space, -1);
		ex_space_arm(tracer, thread);
		return;
	}
	uint64_t address = ex_watch_word_find(&tracer->word, thread->pid, &place);
	if (address)
		begin(tracer, thread, address, place);
}

/* ---- who wrote ---- */

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
		size_t got = read_memory(thread->tid, at, stack + stack_bytes, want);
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
	    !read_word(tracer, thread->tid, space->address, &value))
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

/* the thread whose call did it: certain only where there is one, or one alone whose arguments lead there */
static struct ex_thread *find_caller(struct ex_tracer *tracer, struct ex_thread *thread, int at_end, int *is_certain)
{
	const struct ex_space *space = thread->space;
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
	*is_certain = (count == 1 || fitting == 1) && (found == thread || ex_tracer_await_call(found));
	return found;
}

void ex_space_look(struct ex_tracer *tracer, struct ex_thread *thread, int how)
{
	struct ex_space *space = thread->space;
	struct ex_tracee_regs regs = {.pc = 0};
	struct ex_ev_wrote wrote = {.writer = (uint8_t)how, .syscall = -1};
	const unsigned char *none = (const unsigned char *)"";
	uint64_t value;
	if (!space || !space->is_there || !read_word(tracer, thread->tid, space->address, &value) ||
	    value == space->value)
		return;
	ex_tracer_halt(tracer, thread);
	if (!read_word(tracer, thread->tid, space->address, &value) || value == space->value)
		return; /* one of the others had stored it */
	int is_certain = 1;
	struct ex_thread *by = thread;
	if (how == EX_watch_writer_SYSCALL || how == EX_watch_writer_UNKNOWN)
		by = find_caller(tracer, thread, how == EX_watch_writer_SYSCALL, &is_certain);
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
		if (by->is_stopped && (by != thread || how == EX_watch_writer_SYSCALL) &&
		    !ex_tracee_read(by->tid, &now))
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
	if (!space || !space->is_there || !read_word(tracer, thread->tid, space->address, &value) ||
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
