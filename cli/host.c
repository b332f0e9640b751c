/*
 * host.c: see host.h.
 */
#include "host.h"

#include "growth.h"
#include "text.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define STATUS_OF_PANIC 2 /* runsc's, when the Sentry gave up */

const struct ex_event *ex_host_sandbox(const struct ex_image *image)
{
	for (; image; image = image->parent)
		for (size_t n = 0; n < image->event_count; n++)
			if (image->events[n]->meta->id == EX_EV_SANDBOX)
				return EX_EVENT(image->events[n], sandbox)->kind == EX_sandbox_GVISOR ? image->events[n]
												      : NULL;
	return NULL;
}

static void count(struct ex_host *host, const struct ex_image *image)
{
	struct ex_steps steps;
	uint64_t last = 0, owner;
	ex_steps_build(&steps, image);
	host->least = ex_steps_mappings(&steps, 0);
	host->worst = ex_steps_mappings(&steps, 1);
	for (size_t n = 0; n < steps.count; n++) {
		const struct ex_step *step = &steps.list[n];
		if (step->event->meta->id != EX_EV_GROWTH || EX_EVENT(step->event, growth)->error ||
		    !EX_EVENT(step->event, growth)->n)
			continue;
		host->last_growth_ns = step->event->time_ns;
		if (!ex_step_is_arenas(step))
			continue;
		owner = ex_step_owner(&steps, step);
		host->switches += host->growths++ && owner != last;
		last = owner;
	}
	free(steps.list);
	free(steps.heaps);
}

void ex_host_find(struct ex_host *host, const struct ex_image *image)
{
	memset(host, 0, sizeof(*host));
	host->sandbox = ex_host_sandbox(image);
	if (!host->sandbox)
		return;
	host->limit = EX_EVENT(host->sandbox, sandbox)->mapping_limit;
	count(host, image);
	for (; image; image = image->parent) /* a fork child has its parent's */
		for (size_t n = 0; n < image->event_count; n++)
			if (image->events[n]->meta->id == EX_EV_BALLAST)
				host->ballast += EX_EVENT(image->events[n], ballast)->made;
	host->least += host->ballast;
	host->worst += host->ballast;
}

/* how the command ended, as exeunt read it outside the sandbox; -1: it was inside, or has not read it */
static int outer_status(const struct ex_processes *processes, const struct ex_image *image)
{
	return processes->has_root_status && (image->is_guest || processes->root_pid != image->pid)
		       ? processes->root_status
		       : -1;
}

int ex_host_is_unseen(const struct ex_processes *processes, const struct ex_image *image)
{
	if (image->crash || image->first_exit || !ex_host_sandbox(image))
		return 0;
	if (image->end == EX_END_SIGNAL) /* whoever waited for it says so */
		return image->signal == SIGSEGV || image->signal == SIGBUS;
	if (image->end != EX_END_VANISHED)
		return 0;
	int status = outer_status(processes, image);
	if (status == -1 || WIFSIGNALED(status))
		return 1;
	int code = WEXITSTATUS(status);
	return code == STATUS_OF_PANIC || code == 128 + SIGSEGV || code == 128 + SIGBUS || code == 128 + SIGKILL;
}

int ex_host_is_near(const struct ex_host *host)
{
	return (double)host->least >= EX_HOST_NEAR * (double)host->limit &&
	       (double)host->least <= EX_HOST_BEYOND * (double)host->limit;
}

const char *ex_host_text(const struct ex_host *host)
{
	const char *ballast =
		host->ballast ? ex_format(", %llu of them ballast", (unsigned long long)host->ballast) : "";
	const char *most = host->worst > host->least ? ex_format(" (up to %llu where arenas grow in turn)",
								 (unsigned long long)host->worst)
						     : "";
	return ex_format("about %llu host mappings%s%s; the host allows %llu to a process",
			 (unsigned long long)host->least, most, ballast, (unsigned long long)host->limit);
}
