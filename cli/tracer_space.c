/*
 * tracer_space.c: the memory of each traced process, which several threads share: read, and whether the word is there. See
 * tracer_thread.h.
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

size_t ex_space_read(pid_t tid, uint64_t address, void *buffer, size_t bytes)
{
	struct iovec to = {buffer, bytes}, from = {(void *)(uintptr_t)address, bytes};
	ssize_t got = process_vm_readv(tid, &to, 1, &from, 1, 0);
	return got < 0 ? errno == ENOSYS ? peek(tid, address, buffer, bytes) : 0 : (size_t)got;
}

int ex_space_read_word(const struct ex_tracer *tracer, pid_t tid, uint64_t address, uint64_t *value)
{
	*value = 0;
	return ex_space_read(tid, address, value, tracer->word.bytes) == tracer->word.bytes;
}

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
	if (!ex_space_read_word(tracer, thread->tid, address, &space->value))
		return;
	space->is_there = 1;
	space->address = address;
	ex_space_arm(tracer, thread);
	ex_tracer_halt(tracer, space, thread); /* those that run are armed as they stop */
	ex_space_read_word(tracer, thread->tid, address, &space->value);
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
		if (ex_space_read_word(tracer, thread->tid, space->address, &value))
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
