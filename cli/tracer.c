/*
 * tracer.c: see tracer.h. The threads that are traced, from the first to the last; what a stop means is tracer_stop.c's. With
 * PTRACE_SEIZE a stop by a job-control signal is one for the program too. A traced process ends with us (EXITKILL): one that
 * went on with a debug register set would die of the next store.
 */
#include "tracer_thread.h"

#include "say.h"
#include "settings.h"
#include "text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_MAX 256   /* stops that are seen to at a time, so that signals and time limits are not forgotten */
#define HALT_TRIES 200 /* of 100 µs: a thread that the kernel holds back is not waited for */
#define HALT_PAUSE_NS 100000
#define LET_GO_TRIES 30000 /* of the same */

int ex_tracer_make(struct ex_tracer **made, const char *settings)
{
	const char *text = ex_settings_plain(ex_settings_value(settings, "watch"));
	*made = NULL;
	if (!*text)
		return 0;
	if (!ex_tracee_is_possible())
		return ex_fail(EX_MSG_WATCH_PROCESSOR);
	struct ex_tracer *tracer = calloc(1, sizeof(*tracer));
	if (!tracer)
		abort();
	int status = ex_watch_word_read(&tracer->word, text);
	if (status)
		return status;
	const char *by = ex_settings_value(settings, "watch-by");
	tracer->asked = !strcmp(by, "steps")	    ? EX_watch_by_STEPS
			: !strcmp(by, "breakpoint") ? EX_watch_by_BREAKPOINT
						    : EX_watch_by_AUTO;
	tracer->way = tracer->asked == EX_watch_by_STEPS ? EX_watch_by_STEPS : EX_watch_by_BREAKPOINT;
	tracer->follows = !strcmp(ex_settings_value(settings, "follow"), "yes");
	uint64_t stack_bytes = ex_settings_size(settings, "stack");
	tracer->stack_bytes = stack_bytes > EX_STACK_MAX_BYTES ? EX_STACK_MAX_BYTES : (unsigned)stack_bytes;
	*made = tracer;
	return 0;
}

static struct ex_thread *find(struct ex_tracer *tracer, pid_t tid)
{
	for (size_t n = 0; n < tracer->thread_count; n++)
		if (tracer->threads[n]->tid == tid)
			return tracer->threads[n];
	return NULL;
}

/* its process, 0: it is gone */
static pid_t process_of(pid_t tid)
{
	char line[256];
	int pid = 0;
	FILE *status = fopen(ex_format("/proc/%d/status", (int)tid), "re");
	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "Tgid: %d", &pid) == 1)
			break;
	if (status)
		fclose(status);
	return pid;
}

static struct ex_thread *add(struct ex_tracer *tracer, pid_t tid)
{
	struct ex_thread *thread = calloc(1, sizeof(*thread));
	pid_t pid = process_of(tid);
	tracer->threads = realloc(tracer->threads, (tracer->thread_count + 1) * sizeof(*tracer->threads));
	if (!thread || !tracer->threads)
		abort();
	thread->tid = tid;
	thread->pid = pid ? pid : tid;
	return tracer->threads[tracer->thread_count++] = thread;
}

static void forget(struct ex_tracer *tracer, struct ex_thread *thread)
{
	for (size_t n = 0; n < tracer->thread_count; n++)
		if (tracer->threads[n] == thread) {
			tracer->threads[n] = tracer->threads[--tracer->thread_count];
			free(thread);
			return;
		}
}

int ex_tracer_attach(struct ex_tracer *tracer, pid_t pid)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	if (tracer->follows)
		options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
	tracer->root = pid;
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options))
		return ex_fail(EX_MSG_WATCH_UNTRACEABLE, strerror(errno));
	add(tracer, pid);
	return 0;
}

void ex_tracer_note(struct ex_tracer *tracer, pid_t pid, int note, const char *text)
{
	struct ex_ev_watch_note event = {.pid = (uint32_t)pid, .note = (uint8_t)note};
	ex_watch_log_put(tracer->log, EX_EV_WATCH_NOTE, &event, sizeof(event), text, strlen(text) + 1);
}

void ex_tracer_begin(struct ex_tracer *tracer, const struct ex_tracedir *dir)
{
	int now = personality(0xffffffff);
	tracer->log = ex_watch_log_open(dir);
	if (personality((unsigned long)(now | ADDR_NO_RANDOMIZE)) < 0)
		ex_tracer_note(tracer, tracer->root, EX_watch_note_ASLR,
			       "this system does not let address randomisation be switched off");
	personality((unsigned long)now);
}

void ex_tracer_end_all(struct ex_tracer *tracer)
{
	for (size_t n = 0; n < tracer->thread_count; n++)
		kill(tracer->threads[n]->pid, SIGKILL);
}

static void pause_ns(long ns)
{
	struct timespec time = {0, ns};
	nanosleep(&time, NULL);
}

void ex_tracer_halt(struct ex_tracer *tracer, const struct ex_space *space, const struct ex_thread *but)
{
	for (size_t n = 0; n < tracer->thread_count; n++) {
		struct ex_thread *other = tracer->threads[n];
		if (other == but || other->space != space || other->is_stopped || other->in_call ||
		    ptrace(PTRACE_INTERRUPT, other->tid, NULL, NULL))
			continue;
		for (int tries = 0; tries < HALT_TRIES && !other->is_stopped; tries++) {
			if (waitpid(other->tid, &other->status, __WALL | WNOHANG) == other->tid)
				other->is_stopped = other->has_status = 1;
			else
				pause_ns(HALT_PAUSE_NS);
		}
		if (other->is_stopped && WIFSTOPPED(other->status))
			other->was_hit |= ex_space_take_hit(tracer, other);
	}
}

int ex_tracer_await_call(struct ex_thread *thread)
{
	for (int tries = 0; tries < HALT_TRIES && !thread->is_stopped; tries++) {
		if (waitpid(thread->tid, &thread->status, __WALL | WNOHANG) == thread->tid)
			thread->is_stopped = thread->has_status = 1;
		else
			pause_ns(HALT_PAUSE_NS);
	}
	return thread->is_stopped && WIFSTOPPED(thread->status) && WSTOPSIG(thread->status) == (SIGTRAP | 0x80);
}

static void ended(struct ex_tracer *tracer, struct ex_thread *thread, pid_t tid, int status)
{
	if (thread) {
		struct ex_space *space = thread->space;
		int is_last = space && space->users == 1;
		ex_space_leave(tracer, thread, status);
		/* what the kernel wrote for it as it went */
		for (size_t n = 0; space && !is_last && n < tracer->thread_count; n++)
			if (tracer->threads[n]->space == space) {
				tracer->gone = tid;
				ex_space_look(tracer, tracer->threads[n], EX_watch_writer_EXIT);
				break;
			}
		forget(tracer, thread);
	}
	if (tid == tracer->root) {
		tracer->has_ended = 1;
		tracer->root_status = status;
	}
}

/* one that was made although nobody asked for it: clone for a process, with follow=no */
static int is_stranger(const struct ex_tracer *tracer, const struct ex_thread *thread)
{
	return !tracer->follows && thread->pid != tracer->root;
}

static void handle(struct ex_tracer *tracer, pid_t tid, int status)
{
	struct ex_thread *thread = find(tracer, tid);
	if (!WIFSTOPPED(status)) {
		ended(tracer, thread, tid, status);
		return;
	}
	thread = thread ? thread : add(tracer, tid);
	if (is_stranger(tracer, thread)) {
		ptrace(PTRACE_DETACH, tid, NULL, NULL);
		forget(tracer, thread);
		return;
	}
	ex_tracer_stopped(tracer, thread, status);
}

int ex_tracer_poll(struct ex_tracer *tracer, int *wait_status)
{
	for (int count = 0; count < POLL_MAX && !tracer->has_ended; count++) {
		struct ex_thread *held = NULL;
		int status;
		for (size_t n = 0; n < tracer->thread_count && !held; n++)
			if (tracer->threads[n]->has_status)
				held = tracer->threads[n];
		if (held) {
			held->has_status = 0;
			handle(tracer, held->tid, held->status);
			continue;
		}
		pid_t tid = waitpid(-1, &status, __WALL | WNOHANG);
		if (tid <= 0)
			return tid < 0 && errno == ECHILD ? (*wait_status = tracer->root_status, 1) : 0;
		handle(tracer, tid, status);
	}
	*wait_status = tracer->root_status;
	return tracer->has_ended ? 1 : -1;
}

/* one that has stopped goes on by itself, with the signal that it stopped for */
static void let_go(struct ex_tracer *tracer, pid_t tid, int status)
{
	struct ex_thread *thread = find(tracer, tid);
	int event = status >> 16, signo = WSTOPSIG(status);
	siginfo_t info = {0};
	if (WIFSTOPPED(status)) {
		if (thread && thread->space)
			ex_space_take_hit(tracer, thread);
		ex_tracee_unwatch(tid);
		if (event || signo == (SIGTRAP | 0x80))
			signo = 0;
		else if (signo == SIGTRAP && !ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) && info.si_code > 0 &&
			 info.si_code != SI_KERNEL)
			signo = 0;
		ptrace(PTRACE_DETACH, tid, NULL, (void *)(intptr_t)signo);
	}
	if (thread) {
		ex_space_leave(tracer, thread, -1);
		forget(tracer, thread);
	}
}

/* what outlives the command: until none is left, those included that it makes meanwhile. One that the kernel does not stop in
 * this time is ended with us */
static void let_all_go(struct ex_tracer *tracer)
{
	int status;
	for (size_t n = tracer->thread_count; n-- > 0;) {
		struct ex_thread *thread = tracer->threads[n];
		if (thread->has_status)
			let_go(tracer, thread->tid, thread->status);
		else
			ptrace(PTRACE_INTERRUPT, thread->tid, NULL, NULL);
	}
	for (int tries = 0; tries < LET_GO_TRIES;) {
		pid_t tid = waitpid(-1, &status, __WALL | WNOHANG);
		if (tid < 0 && errno == ECHILD)
			break;
		if (tid > 0) {
			let_go(tracer, tid, status);
			continue;
		}
		pause_ns(HALT_PAUSE_NS);
		tries++;
	}
	while (tracer->thread_count) {
		struct ex_thread *thread = tracer->threads[tracer->thread_count - 1];
		ex_space_leave(tracer, thread, -1);
		forget(tracer, thread);
	}
}

int ex_tracer_end(struct ex_tracer *tracer)
{
	if (tracer->refused || tracer->is_unarmed)
		ex_tracer_end_all(tracer);
	let_all_go(tracer);
	ex_watch_log_close(tracer->log);
	if (tracer->is_unarmed)
		return ex_fail(EX_MSG_WATCH_NO_REGISTERS);
	return tracer->refused ? ex_fail(EX_MSG_WATCH_TRACER, ex_format("%d", (int)tracer->refused)) : 0;
}

int ex_tracer_try(const char **why)
{
	static volatile uint64_t word;
	int status = 0, way = -1, begin[2];
	*why = "this processor's registers are not known to exeunt";
	if (!ex_tracee_is_possible() || pipe(begin))
		return -1;
	pid_t pid = fork();
	if (!pid) {
		char byte;
		close(begin[1]);
		if (read(begin[0], &byte, 1) >= 0)
			word = 1;
		_exit(0);
	}
	close(begin[0]);
	*why = "a process of our own cannot be traced: is exeunt itself traced, or does a filter of system calls "
	       "forbid it?";
	int is_traced = pid > 0 && !ptrace(PTRACE_SEIZE, pid, NULL, (void *)PTRACE_O_EXITKILL) &&
			!ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) && waitpid(pid, &status, __WALL) == pid &&
			WIFSTOPPED(status);
	if (is_traced) {
		way = EX_watch_by_STEPS;
		int is_set = !ex_tracee_watch(pid, (uint64_t)(uintptr_t)&word, sizeof(word));
		ptrace(PTRACE_CONT, pid, NULL, NULL);
		close(begin[1]);
		begin[1] = -1;
		if (is_set && waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status) &&
		    WSTOPSIG(status) == SIGTRAP && ex_tracee_was_hit(pid))
			way = EX_watch_by_BREAKPOINT;
	}
	if (begin[1] >= 0)
		close(begin[1]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status))
			;
	}
	return way;
}
