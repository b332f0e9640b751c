/*
 * process.c: events sorted out by process image. Owns the answers "which images were there, with which modules, when"
 * and "which one is a report about"; how each ended is ending.c's. Must never look at symbols or files.
 */
#include "process.h"

#include "ending.h"
#include "guest.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t count, size_t bytes)
{
	void *memory = calloc(count ? count : 1, bytes);
	if (!memory)
		abort();
	return memory;
}

static void push(const struct ex_event ***list, size_t *count, const struct ex_event *event)
{
	if ((*count & (*count - 1)) == 0) { /* full at every power of two */
		*list = realloc(*list, (*count ? *count * 2 : 1) * sizeof(**list));
		if (!*list)
			abort();
	}
	(*list)[(*count)++] = event;
}

/* index of the image that wrote an event; the table grows as images appear, so that a lost IMAGE event loses little */
static size_t image_of(struct ex_processes *processes, const struct ex_event *event)
{
	for (size_t n = processes->count; n-- > 0;)
		if (processes->images[n].pid == event->pid && processes->images[n].image_ns == event->image_ns)
			return n;
	processes->images = realloc(processes->images, (processes->count + 1) * sizeof(*processes->images));
	if (!processes->images)
		abort();
	processes->images[processes->count] = (struct ex_image){.pid = event->pid,
								.image_ns = event->image_ns,
								.exit_kind = -1,
								.exe = "?",
								.cwd = "",
								.options = ""};
	return processes->count++;
}

static int by_image_ns(const void *a, const void *b)
{
	const struct ex_image *x = a, *y = b;
	if (x->image_ns != y->image_ns)
		return x->image_ns < y->image_ns ? -1 : 1;
	return x->begin_ns < y->begin_ns ? -1 : x->begin_ns > y->begin_ns;
}

/* the launcher writes LAUNCH, WAITED, and what it has seen of a watched word: it is no process of the command */
static int is_launchers(const struct ex_event *event)
{
	return event->meta->id == EX_EV_LAUNCH ||
	       (event->meta->id >= EX_EV_WATCH && event->meta->id <= EX_EV_WATCH_END) ||
	       (event->meta->id == EX_EV_WAITED && EX_EVENT(event, waited)->by == EX_waiter_LAUNCHER);
}

static void split_by_image(struct ex_processes *processes)
{
	struct ex_trace *trace = processes->trace;
	size_t last = SIZE_MAX;
	for (size_t n = 0; n < trace->count; n++) {
		const struct ex_event *event = &trace->events[n];
		if (is_launchers(event))
			continue;
		if (last == SIZE_MAX || processes->images[last].pid != event->pid ||
		    processes->images[last].image_ns != event->image_ns)
			last = image_of(processes, event);
		struct ex_image *image = &processes->images[last];
		if (!image->event_count)
			image->begin_ns = event->time_ns;
		push(&image->events, &image->event_count, event);
		image->end_ns = event->time_ns;
	}
	if (processes->count)
		qsort(processes->images, processes->count, sizeof(*processes->images), by_image_ns);
}

static void read_image_event(struct ex_image *image, const struct ex_event *event)
{
	const struct ex_ev_image *fixed = EX_EVENT(event, image);
	image->ppid = fixed->ppid;
	image->parent_image_ns = fixed->parent_image;
	image->is_fork = fixed->origin == EX_origin_FORK;
	image->exe = event->tail[0].bytes;
	image->cwd = event->tail[1].bytes;
	image->options = event->tail[2].bytes;
	struct ex_text argv = event->tail[3];
	int count = 0;
	for (unsigned n = 0; n < argv.length; n++)
		count += argv.bytes[n] == 0;
	if (argv.length && argv.bytes[argv.length - 1])
		count++; /* the last one was cut */
	image->argv = allocate((size_t)count + 1, sizeof(*image->argv));
	for (unsigned at = 0; at < argv.length; image->argc++) {
		image->argv[image->argc] = strndup(argv.bytes + at, argv.length - at);
		at += (unsigned)strlen(image->argv[image->argc]) + 1;
	}
}

static void add_module(struct ex_image *image, struct ex_module module)
{
	image->modules = realloc(image->modules, (image->module_count + 1) * sizeof(module));
	if (!image->modules)
		abort();
	image->modules[image->module_count++] = module;
}

/* what a fork child has from its parent: the objects that were loaded at that moment */
static void inherit(struct ex_processes *processes, struct ex_image *image)
{
	for (size_t n = 0; n < processes->count; n++) {
		const struct ex_image *other = &processes->images[n];
		/* the pid only where two images are of one time: a parent that was gone at the child's first event has
		 * given it to init, and one that has no event between two forks has given it its own parent's image */
		if (other != image && image->parent_image_ns && other->image_ns == image->parent_image_ns &&
		    (!image->parent || other->pid == image->ppid))
			image->parent = other;
	}
	const struct ex_image *parent = image->parent;
	for (size_t n = 0; parent && n < parent->module_count; n++) {
		struct ex_module module = parent->modules[n];
		if (module.from_ns > image->begin_ns || module.to_ns <= image->begin_ns)
			continue;
		module.to_ns = UINT64_MAX;
		add_module(image, module);
	}
	for (uint64_t until_ns = image->begin_ns; parent; until_ns = parent->begin_ns, parent = parent->parent)
		image->has_writer |= parent->writer_count && parent->writers[0]->time_ns <= until_ns;
}

static void read_module_event(struct ex_image *image, const struct ex_event *event)
{
	const struct ex_ev_module *fixed = EX_EVENT(event, module);
	for (size_t n = 0; n < image->module_count; n++) {
		struct ex_module *old = &image->modules[n];
		if (old->to_ns == UINT64_MAX && old->begin < fixed->end && fixed->begin < old->end) {
			if (old->begin == fixed->begin && strcmp(old->path, event->tail[0].bytes) == 0) {
				old->n = fixed->n; /* told again, by a fork child */
				return;
			}
			old->to_ns = event->time_ns; /* its MODULE_GONE was lost */
		}
	}
	add_module(image, (struct ex_module){
				  .n = fixed->n,
				  .bias = fixed->bias,
				  .begin = fixed->begin,
				  .end = fixed->end,
				  .from_ns = event->time_ns,
				  .to_ns = UINT64_MAX,
				  .path = event->tail[0].bytes,
				  .build_id = (const unsigned char *)event->tail[1].bytes,
				  .build_id_bytes = event->tail[1].length,
			  });
}

static void read_events(struct ex_processes *processes, struct ex_image *image)
{
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		switch (event->meta->id) {
		case EX_EV_IMAGE:
			read_image_event(image, event);
			if (image->is_fork)
				inherit(processes, image);
			break;
		case EX_EV_MODULE:
			read_module_event(image, event);
			break;
		case EX_EV_MODULE_GONE:
			for (size_t m = 0; m < image->module_count; m++)
				if (image->modules[m].n == EX_EVENT(event, module_gone)->n &&
				    image->modules[m].to_ns == UINT64_MAX)
					image->modules[m].to_ns = event->time_ns;
			break;
		case EX_EV_RERUN:
			image->is_rerun = 1;
			break;
		case EX_EV_WRITER:
			image->has_writer = 1;
			push(&image->writers, &image->writer_count, event);
			break;
		case EX_EV_REGISTER:
			push(&image->registrations, &image->registration_count, event);
			break;
		default:
			break;
		}
	}
}

static void find_root(struct ex_processes *processes)
{
	const struct ex_trace *trace = processes->trace;
	for (size_t n = 0; n < trace->count; n++) {
		const struct ex_event *event = &trace->events[n];
		if (event->meta->id == EX_EV_WAITED)
			push(&processes->waited, &processes->waited_count, event);
		if (event->meta->id == EX_EV_LAUNCH && !processes->root_pid) {
			processes->root_pid = EX_EVENT(event, launch)->pid;
			processes->launcher_pid = event->pid;
		} else if (event->meta->id == EX_EV_WAITED && EX_EVENT(event, waited)->by == EX_waiter_LAUNCHER &&
			   EX_EVENT(event, waited)->pid == processes->root_pid) {
			processes->has_root_status = 1;
			processes->root_status = EX_EVENT(event, waited)->status;
		}
	}
	if (!processes->root_pid && processes->count)
		processes->root_pid = processes->images[0].pid;
}

/* what the command became, which may be in a sandbox; NULL: there is nothing */
static struct ex_image *ended_well(struct ex_processes *processes)
{
	struct ex_image *found = NULL, *guest = NULL;
	for (size_t n = processes->count; n-- > 0;) {
		struct ex_image *image = &processes->images[n];
		if (image->is_rerun && processes->launcher_pid)
			continue;
		if (!image->is_guest && !found && image->pid == processes->root_pid)
			found = image;
		if (image->is_guest && !guest && image->pid == processes->guest_root_pid)
			guest = image;
	}
	if (guest && (!found || processes->sandbox || found->end == EX_END_EXEC))
		return guest;
	return found || !processes->count ? found : &processes->images[processes->count - 1];
}

/* the first of the worst; else what the command became */
static void judge(struct ex_processes *processes)
{
	struct ex_image *worst = NULL;
	for (size_t n = 0; n < processes->count; n++) {
		struct ex_image *image = &processes->images[n];
		if (!image->is_bad || (image->is_rerun && processes->launcher_pid))
			continue;
		if (!worst || image->is_bad > worst->is_bad ||
		    (image->is_bad == worst->is_bad && image->end_ns < worst->end_ns))
			worst = image;
	}
	processes->judged = worst ? worst : ended_well(processes);
	if (processes->judged && processes->judged->end == EX_END_VANISHED)
		processes->judged = ex_guest_judged(processes, processes->judged);
}

void ex_processes_build(struct ex_processes *processes, struct ex_trace *trace)
{
	*processes = (struct ex_processes){.trace = trace};
	split_by_image(processes);
	find_root(processes);
	for (size_t n = 0; n < processes->count; n++)
		read_events(processes, &processes->images[n]);
	ex_guest_find(processes);
	for (size_t n = 0; n < processes->count; n++)
		ex_ending_find(processes, &processes->images[n]);
	judge(processes);
}

struct ex_image *ex_processes_find(struct ex_processes *processes, uint32_t pid)
{
	for (size_t n = processes->count; n-- > 0;)
		if (processes->images[n].pid == pid)
			return &processes->images[n];
	return NULL;
}

const char *ex_processes_list(const struct ex_processes *processes)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return "?";
	for (size_t n = 0; n < processes->count; n++) {
		const struct ex_image *image = &processes->images[n];
		const char *slash = strrchr(image->exe, '/');
		size_t later = n + 1;
		while (later < processes->count && processes->images[later].pid != image->pid)
			later++;
		if (later == processes->count) /* one entry a process: what it was last */
			fprintf(out, "%s%u (%s)", ftell(out) > 0 ? ", " : "", image->pid,
				slash ? slash + 1 : image->exe);
	}
	fclose(out);
	return text;
}
