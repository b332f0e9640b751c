/*
 * ending.c: how each process image ended. Owns the weighing of what the image said of itself against what others
 * saw of it; must never call an end bad only because the trace is incomplete.
 */
#include "ending.h"

#include "fault.h"
#include "guest.h"
#include "host.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* what the trace says about one image's last moments */
struct last_words {
	const struct ex_event *exit, *exec, *program_crash;
	int has_status, wait_status, has_goodbye;
};

/* A vfork child runs in its parent's memory and so speaks through its parent's stream; only its thread number, which
 * is the child's pid, tells. */
int ex_ending_is_vfork_childs(const struct ex_image *image, const struct ex_event *event)
{
	if (event->tid == image->pid)
		return 0;
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *e = image->events[n];
		if (e->meta->id == EX_EV_CHILD && EX_EVENT(e, child)->pid == event->tid &&
		    EX_EVENT(e, child)->how != EX_child_FORK)
			return 1;
	}
	return 0;
}

/* whether abort was called from the very module that abort is in; a detour on it is told with its address */
static int is_from_libc(const struct ex_image *image, const struct ex_event *abort_call)
{
	uint64_t caller = EX_EVENT(abort_call, exit_begin)->caller;
	const struct ex_module *module = ex_image_module(image, caller, abort_call->time_ns);
	for (; module && image; image = image->parent) /* told once, before any fork */
		for (size_t n = 0; n < image->event_count; n++) {
			const struct ex_event *e = image->events[n];
			if (e->meta->id != EX_EV_DETOUR || strcmp(e->tail[0].bytes, "abort") != 0)
				continue;
			uint64_t fn = EX_EVENT(e, detour)->fn;
			return fn >= module->begin && fn < module->end;
		}
	return 0;
}

static void listen(struct ex_image *image, struct last_words *last)
{
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		switch (event->meta->id) {
		case EX_EV_EXIT_BEGIN:
			if (ex_ending_is_vfork_childs(image, event))
				break;
			if (!image->first_exit)
				image->first_exit = event;
			last->exit = event;
			break;
		case EX_EV_GOODBYE:
			last->has_goodbye = 1;
			break;
		case EX_EV_CRASH:
			if (ex_ending_is_vfork_childs(image, event))
				break;
			if (EX_EVENT(event, crash)->disposition == EX_disposition_DEFAULT)
				image->crash = event;
			else
				last->program_crash = event;
			break;
		case EX_EV_EXEC:
			if (EX_EVENT(event, exec)->pid == image->pid)
				last->exec = event;
			break;
		case EX_EV_EXEC_FAILED:
			if (EX_EVENT(event, exec_failed)->pid == image->pid)
				last->exec = NULL;
			break;
		case EX_EV_HANDLER_END:
			if (EX_EVENT(event, handler_end)->how == EX_outcome_of_handler_RAN &&
			    ex_image_is_writer(image, EX_EVENT(event, handler_end)->id))
				image->writer_ran = 1;
			break;
		case EX_EV_FLUSH_END:
			image->writer_ran = 1;
			break;
		case EX_EV_SALVAGED: /* the file is there, whoever wrote it */
			if (!EX_EVENT(event, salvaged)->error)
				image->writer_ran = 1;
			break;
		default:
			break;
		}
	}
	/* threads that die of one cause at the same moment: the one that looked around tells most */
	const struct ex_event *spoken = image->crash ? ex_fault_spoken(image) : NULL;
	if (spoken)
		image->crash = spoken;
	if (last->exit)
		image->exit_kind = EX_EVENT(last->exit, exit_begin)->kind;
	image->gave_up = image->exit_kind == EX_exit_ABORT && is_from_libc(image, last->exit);
}

/* the next image of the same pid: exec, or the number was given out again */
static const struct ex_image *successor(const struct ex_processes *processes, const struct ex_image *image)
{
	const struct ex_image *next = NULL;
	for (size_t n = 0; n < processes->count; n++) {
		const struct ex_image *other = &processes->images[n];
		if (other != image && other->pid == image->pid && other->is_guest == image->is_guest &&
		    other->image_ns > image->image_ns && (!next || other->image_ns < next->image_ns))
			next = other;
	}
	return next;
}

/* a status that was read in a sandbox */
static int is_from_guest(const struct ex_processes *processes, const struct ex_event *waited)
{
	if (!processes->guest_root_pid || EX_EVENT(waited, waited)->by == EX_waiter_LAUNCHER)
		return 0;
	for (size_t n = 0; n < processes->count; n++)
		if (processes->images[n].pid == waited->pid && processes->images[n].image_ns == waited->image_ns)
			return processes->images[n].is_guest;
	return 0;
}

static void find_wait_status(const struct ex_processes *processes, const struct ex_image *image,
			     const struct ex_image *next, struct last_words *last)
{
	for (size_t n = 0; n < processes->waited_count; n++) {
		const struct ex_event *event = processes->waited[n];
		if (event->time_ns < image->begin_ns || (next && event->time_ns >= next->begin_ns))
			continue;
		const struct ex_ev_waited *waited = EX_EVENT(event, waited);
		if (image->is_guest != is_from_guest(processes, event))
			continue; /* the same number, of another kernel */
		if (waited->pid != image->pid || !(WIFEXITED(waited->status) || WIFSIGNALED(waited->status)))
			continue;
		last->has_status = 1;
		last->wait_status = waited->status;
	}
}

/* only a trace of this very machine whose launcher is still there can be about a process that still runs */
static int still_runs(const struct ex_processes *processes, const struct ex_image *image)
{
	char path[64], comm[32] = "";
	if (!processes->launcher_pid || processes->has_root_status)
		return 0;
	snprintf(path, sizeof(path), "/proc/%u/comm", processes->launcher_pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(comm, sizeof(comm), file))
		comm[0] = 0;
	fclose(file);
	/* a guest's number is another process's out here */
	pid_t pid = (pid_t)(image->is_guest ? processes->root_pid : image->pid);
	return strncmp(comm, "exeunt", 6) == 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

static void exited(struct ex_image *image, int status)
{
	static const enum ex_end_kind ends[] = {
		[EX_exit_MAIN] = EX_END_EXIT,	[EX_exit_EXIT] = EX_END_EXIT,	[EX_exit_FAST] = EX_END_FAST,
		[EX_exit_QUICK] = EX_END_QUICK, [EX_exit_ABORT] = EX_END_ABORT,
	};
	image->end = image->exit_kind >= 0 && image->exit_kind <= EX_exit_ABORT ? ends[image->exit_kind] : EX_END_EXIT;
	image->status = status & 0xff;
}

static void died(struct ex_image *image, int signo)
{
	image->end = image->exit_kind == EX_exit_ABORT && signo == SIGABRT ? EX_END_ABORT : EX_END_SIGNAL;
	image->signal = signo;
}

static void weigh(const struct ex_processes *processes, struct ex_image *image, const struct last_words *last,
		  const struct ex_image *next)
{
	if (last->exec && (!last->exit || last->exec->time_ns > last->exit->time_ns) &&
	    (!image->crash || last->exec->time_ns > image->crash->time_ns)) {
		image->end = EX_END_EXEC;
	} else if (last->has_status && WIFSIGNALED(last->wait_status)) {
		died(image, WTERMSIG(last->wait_status));
	} else if (last->has_status) {
		exited(image, WEXITSTATUS(last->wait_status));
		/* a status without a call that we saw: a raw system call, unless the call is among what was lost, or was
		 * the parent's: a handler forked, and its child went on with the list */
		if (image->exit_kind < 0 && !last->has_goodbye && processes->trace->lost == 0)
			image->end = EX_END_FAST;
	} else if (image->crash) {
		died(image, EX_EVENT(image->crash, crash)->signo);
	} else if (image->exit_kind == EX_exit_ABORT) {
		died(image, SIGABRT);
	} else if (last->exit &&
		   (last->has_goodbye || image->exit_kind == EX_exit_FAST || image->exit_kind == EX_exit_QUICK)) {
		exited(image, EX_EVENT(last->exit, exit_begin)->status);
	} else if (next) {
		image->end = EX_END_EXEC; /* an exec that no hook saw, or a number given out again */
	} else {
		image->end = still_runs(processes, image) ? EX_END_RUNNING : EX_END_VANISHED;
	}
}

static int is_fault(int signo)
{
	return signo == SIGSEGV || signo == SIGBUS || signo == SIGILL || signo == SIGFPE || signo == SIGABRT ||
	       signo == SIGTRAP || signo == SIGSYS;
}

/* fork children have their parent's writer by inheritance: leaving by _exit is what they are taught to do */
static int registered_writer_itself(const struct ex_image *image)
{
	return image->writer_count > 0;
}

static int rate(const struct ex_processes *processes, const struct ex_image *image)
{
	int by_signal = image->end == EX_END_SIGNAL || image->end == EX_END_ABORT;
	uint32_t root_pid = image->is_guest ? processes->guest_root_pid : processes->root_pid;
	if (by_signal && (is_fault(image->signal) || image->pid == root_pid))
		return 2;
	if ((by_signal || image->end == EX_END_FAST || image->end == EX_END_QUICK) && !image->writer_ran &&
	    registered_writer_itself(image))
		return 1;
	return ex_host_is_unseen(processes, image) ? 2 : 0;
}

void ex_ending_find(const struct ex_processes *processes, struct ex_image *image)
{
	struct last_words last = {0};
	const struct ex_image *next = successor(processes, image);
	listen(image, &last);
	find_wait_status(processes, image, next, &last);
	weigh(processes, image, &last, next);
	if (image->end != EX_END_SIGNAL && image->end != EX_END_ABORT)
		image->crash = NULL;
	else if (!image->crash && last.program_crash && EX_EVENT(last.program_crash, crash)->signo == image->signal)
		image->crash = last.program_crash; /* the program's own handler let it die */
	if (image->crash)
		image->end_ns = image->crash->time_ns;
	image->is_bad = rate(processes, image);
	if (image->end == EX_END_VANISHED)
		ex_guest_vanished(processes, image);
}

const char *ex_end_text(enum ex_end_kind kind)
{
	static const char *const texts[] = {
		[EX_END_EXIT] = "exit",		[EX_END_FAST] = "_exit",      [EX_END_QUICK] = "quick_exit",
		[EX_END_ABORT] = "abort",	[EX_END_SIGNAL] = "signal",   [EX_END_EXEC] = "exec",
		[EX_END_VANISHED] = "vanished", [EX_END_RUNNING] = "running",
	};
	return texts[kind];
}

const char *ex_signal_name(int number)
{
#define NAME(name) [name] = #name
	static const char *const names[] = {
		NAME(SIGHUP),	 NAME(SIGINT),	NAME(SIGQUIT),	NAME(SIGILL),  NAME(SIGTRAP), NAME(SIGABRT),
		NAME(SIGBUS),	 NAME(SIGFPE),	NAME(SIGKILL),	NAME(SIGUSR1), NAME(SIGSEGV), NAME(SIGUSR2),
		NAME(SIGPIPE),	 NAME(SIGALRM), NAME(SIGTERM),	NAME(SIGCHLD), NAME(SIGCONT), NAME(SIGSTOP),
		NAME(SIGTSTP),	 NAME(SIGTTIN), NAME(SIGTTOU),	NAME(SIGURG),  NAME(SIGXCPU), NAME(SIGXFSZ),
		NAME(SIGVTALRM), NAME(SIGPROF), NAME(SIGWINCH), NAME(SIGIO),   NAME(SIGSYS),
	};
#undef NAME
	static char other[4][24];
	static unsigned turn;
	if (number > 0 && number < (int)(sizeof(names) / sizeof(names[0])) && names[number])
		return names[number];
	char *text = other[turn++ % 4];
	snprintf(text, sizeof(other[0]), "signal %d", number);
	return text;
}
