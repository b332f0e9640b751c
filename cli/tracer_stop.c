/*
 * tracer_stop.c: one stop of a traced thread: what it was, and how the thread goes on as if it had not been stopped.
 * Must never keep a signal of the program's from it, nor give it one of ours.
 */
#include "tracer_thread.h"

#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define CALL_STOP (SIGTRAP | 0x80)
#define GET_SYSCALL_INFO ((enum __ptrace_request)0x420e)
/* si_code of a stop by single step: TRAP_TRACE; TRAP_BRKPT behind a system call; and at a handler's first instruction: */
#define SEND_FRAME SIGTRAP

static int is_caught(pid_t pid, int signo)
{
	char line[256];
	unsigned long long caught = 0;
	FILE *status = fopen(ex_format("/proc/%d/status", (int)pid), "re");
	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "SigCgt: %llx", &caught) == 1)
			break;
	if (status)
		fclose(status);
	return signo < 65 && (caught >> (signo - 1) & 1);
}

static void go_on(struct ex_tracer *tracer, struct ex_thread *thread, int signo)
{
	int steps = tracer->way == EX_watch_by_STEPS && thread->space && thread->space->is_there;
	ex_space_arm(tracer, thread);
	thread->wants_frame = signo && thread->space && thread->space->is_there && is_caught(thread->pid, signo);
	thread->has_before = steps && !ex_tracee_read(thread->tid, &thread->before);
	thread->is_stopped = 0;
	ptrace(steps || thread->wants_frame ? PTRACE_SINGLESTEP : PTRACE_SYSCALL, thread->tid, NULL,
	       (void *)(intptr_t)signo);
}

static int changes_map(int64_t number)
{
	return number == SYS_mmap || number == SYS_munmap || number == SYS_mprotect || number == SYS_brk ||
	       number == SYS_mremap || number == SYS_execve || number == SYS_shmat || number == SYS_execveat;
}

static int is_entry(const struct ex_thread *thread)
{
	unsigned char info[88] = {0};
	if (ptrace(GET_SYSCALL_INFO, thread->tid, (void *)sizeof(info), info) > 0 && (info[0] == 1 || info[0] == 2))
		return info[0] == 1;
	return !thread->in_call;
}

static void at_call(struct ex_tracer *tracer, struct ex_thread *thread)
{
	if (is_entry(thread)) {
		ex_space_look(tracer, thread, EX_watch_writer_UNKNOWN);
		thread->in_call = !ex_tracee_read(thread->tid, &thread->call);
		uint64_t request = thread->call.args[0];
		if (thread->call.number == SYS_ptrace &&
		    (request == PTRACE_TRACEME || request == PTRACE_ATTACH || request == PTRACE_SEIZE)) {
			tracer->refused = thread->pid;
			ex_tracer_end_all(tracer);
		}
		return;
	}
	if (!thread->in_call) /* the end of one whose beginning was not seen */
		ex_tracee_read(thread->tid, &thread->call);
	if (thread->space && thread->space->is_there)
		thread->space->calls++;
	ex_space_look(tracer, thread, EX_watch_writer_SYSCALL);
	thread->in_call = 0;
	if (changes_map(thread->call.number))
		ex_space_find_word(tracer, thread);
}

/* SIGTRAP: of a debug register, of a step, of a signal's frame; or the program's */
static int trapped(struct ex_tracer *tracer, struct ex_thread *thread, int was_frame, int was_hit)
{
	siginfo_t info = {0};
	int steps = tracer->way == EX_watch_by_STEPS;
	if (ptrace(PTRACE_GETSIGINFO, thread->tid, NULL, &info))
		return 0;
	int is_frame = was_frame && info.si_code == SEND_FRAME;
	/* nobody but a tracer can set debug registers. A kernel that has no memory for it sends the signal without a reason */
	if (info.si_code == TRAP_HWBKPT || (was_hit && info.si_code == SI_USER && !info.si_pid))
		return 0;
	if (info.si_code <= 0 || info.si_code == SI_KERNEL || (!was_frame && !steps) ||
	    (info.si_code != TRAP_TRACE && info.si_code != TRAP_BRKPT && info.si_code != SEND_FRAME))
		return SIGTRAP;
	if (steps) {
		ex_space_stepped(tracer, thread, info.si_code == SEND_FRAME);
		struct ex_tracee_regs regs;
		if (!ex_tracee_read(thread->tid, &regs) && regs.dwarf[2] == regs.pc && thread->has_before &&
		    changes_map((int64_t)thread->before.dwarf[0]))
			ex_space_find_word(tracer, thread);
	} else if (is_frame) {
		ex_space_look(tracer, thread, EX_watch_writer_SIGNAL);
	}
	return 0;
}

static void executed(struct ex_tracer *tracer, struct ex_thread *thread)
{
	/* all other threads are gone without a word; this one has the number of the first */
	for (size_t n = tracer->thread_count; n-- > 0;) {
		struct ex_thread *other = tracer->threads[n];
		if (other != thread && other->pid == thread->pid)
			ex_space_leave(tracer, other, -1);
	}
	ex_space_leave(tracer, thread, -1);
	thread->is_armed = 0;
	thread->in_call = 1;
	memset(&thread->call, 0, sizeof(thread->call));
	thread->call.number = SYS_execve;
	ex_space_join(tracer, thread);
	ex_space_find_word(tracer, thread);
	if (!thread->space->is_there && thread->pid == tracer->root && !thread->space->is_told++)
		ex_tracer_note(tracer, thread->pid, EX_watch_note_LATER,
			       "the word is not there when the program begins: watching begins when it is");
}

void ex_tracer_stopped(struct ex_tracer *tracer, struct ex_thread *thread, int status)
{
	int event = status >> 16, signo = WSTOPSIG(status), was_frame = thread->wants_frame;
	thread->is_stopped = 1;
	thread->wants_frame = 0;
	if (!thread->space && event != PTRACE_EVENT_EXEC) {
		ex_space_join(tracer, thread);
		if (!thread->space->is_there)
			ex_space_find_word(tracer, thread);
	}
	int was_hit = ex_space_take_hit(tracer, thread) | thread->was_hit;
	thread->was_hit = 0;
	if (event == PTRACE_EVENT_STOP && signo != SIGTRAP) { /* it is stopped, and stays so until SIGCONT */
		ex_space_arm(tracer, thread);
		thread->is_stopped = 0;
		ptrace(PTRACE_LISTEN, thread->tid, NULL, NULL);
		return;
	}
	if (event) {
		if (event == PTRACE_EVENT_EXEC)
			executed(tracer, thread);
		signo = 0;
	} else if (signo == CALL_STOP) {
		at_call(tracer, thread);
		signo = 0;
	} else if (signo == SIGTRAP) {
		signo = trapped(tracer, thread, was_frame, was_hit);
	}
	if (!event && signo != CALL_STOP && signo)
		ex_space_look(tracer, thread, EX_watch_writer_UNKNOWN);
	go_on(tracer, thread, signo);
}
