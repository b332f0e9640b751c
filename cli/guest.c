/*
 * guest.c: see guest.h. A launcher gives the status of the guest's first process as its own, 128 + N after signal N; gVisor's
 * gives 2 when its Sentry panics, and 137 when that is killed.
 */
#include "guest.h"

#include "launcher.h"
#include "text.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define STATUS_PANIC 2

/* the command of a LAUNCH event is the launcher of a sandbox? */
static const char *sandbox_of(const struct ex_event *launch)
{
	static char *none[1];
	struct ex_launcher launcher;
	struct ex_text text = launch->tail[ex_event_tail(launch->meta, "argv")];
	char **argv = calloc((size_t)text.length + 2, sizeof(*argv));
	size_t count = 0;
	for (unsigned at = 0; argv && at < text.length; at += (unsigned)strlen(argv[count++]) + 1)
		argv[count] = strndup(text.bytes + at, text.length - at);
	return ex_launcher_is(&launcher, argv ? argv : none) && launcher.how == EX_LAUNCHER_HANDS_ON ? launcher.name
												     : NULL;
}

static int is_in_gvisor(const struct ex_image *image)
{
	for (; image; image = image->parent)
		for (size_t n = 0; n < image->event_count; n++)
			if (image->events[n]->meta->id == EX_EV_SANDBOX &&
			    EX_EVENT(image->events[n], sandbox)->kind == EX_sandbox_GVISOR)
				return 1;
	return 0;
}

void ex_guest_find(struct ex_processes *processes)
{
	const struct ex_trace *trace = processes->trace;
	int is_outside = 0, is_launched = 0;
	for (size_t n = 0; n < trace->count; n++)
		if (trace->events[n].meta->id == EX_EV_LAUNCH) {
			is_launched = 1;
			processes->sandbox = sandbox_of(&trace->events[n]);
			break;
		}
	is_outside = processes->sandbox != NULL;
	/* a shell that starts runsc: it is no guest, so who comes from a sandbox is */
	for (size_t n = 0; n < processes->count; n++)
		if (is_launched && processes->images[n].pid == processes->root_pid)
			is_outside |= !is_in_gvisor(&processes->images[n]);
	for (size_t n = 0; is_outside && n < processes->count; n++) {
		struct ex_image *image = &processes->images[n];
		image->is_guest = is_in_gvisor(image) || (processes->sandbox && image->pid != processes->root_pid);
		if (image->is_guest && !processes->guest_root_pid)
			processes->guest_root_pid = image->pid;
	}
}

static const char *end_words(const char *sandbox, int wait_status)
{
	const char *who = sandbox ? sandbox : "the launcher";
	int status = WEXITSTATUS(wait_status);
	if (WIFSIGNALED(wait_status))
		return ex_format("%s was ended by %s", who, ex_signal_name(WTERMSIG(wait_status)));
	if (status == STATUS_PANIC)
		return ex_format("%s ended with status 2, as when gVisor's Sentry panics", who);
	if (status == 128 + SIGKILL)
		return ex_format("%s ended with status 137: the process, or gVisor's Sentry, was killed", who);
	if (status > 128 && status < 128 + 65)
		return ex_format("%s ended with status %d, as after %s", who, status, ex_signal_name(status - 128));
	return ex_format("%s ended with status %d", who, status);
}

void ex_guest_vanished(const struct ex_processes *processes, struct ex_image *image)
{
	int wait_status = processes->root_status, status = WEXITSTATUS(wait_status);
	if (!image->is_guest || !processes->has_root_status)
		return;
	int is_bad = WIFSIGNALED(wait_status) || status == STATUS_PANIC || status > 128;
	/* what ends well ends by a call that nobody saw, or with its first process */
	if (!is_bad && processes->sandbox && image->pid == processes->guest_root_pid) {
		image->end = EX_END_FAST;
		image->status = status;
	}
	if (!is_bad)
		return;
	image->sandbox_end = end_words(processes->sandbox, wait_status);
	image->is_bad = 2;
}

struct ex_image *ex_guest_judged(struct ex_processes *processes, struct ex_image *first)
{
	struct ex_image *busiest = first;
	for (size_t n = 0; n < processes->count; n++) {
		struct ex_image *image = &processes->images[n];
		if (image->end == EX_END_VANISHED && image->is_bad == first->is_bad &&
		    image->is_guest == first->is_guest && image->event_count > busiest->event_count &&
		    is_in_gvisor(image))
			busiest = image;
	}
	return busiest;
}
