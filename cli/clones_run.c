/*
 * clones_run.c: what becomes of copies once the command has ended. See clones.h. They outlive a process that ended badly;
 * one that ended well has told its own to end, unless it left by a way that its library did not see.
 */
#include "clones.h"

#include "trace.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *short_name(const char *trace)
{
	const char *name = strrchr(trace, '/');
	char cwd[4096];
	int is_here = name && getcwd(cwd, sizeof(cwd)) && strlen(cwd) == (size_t)(name - trace) &&
		      !strncmp(cwd, trace, strlen(cwd));
	return is_here ? name + 1 : trace;
}

/* why the library could not do it, NULL */
static const char *refusal_of(const char *dir)
{
	struct ex_trace trace;
	if (ex_trace_open(&trace, dir, NULL) != EX_TRACE_OK)
		return NULL;
	for (size_t n = 0; n < trace.count; n++) {
		const struct ex_event *event = &trace.events[n];
		if (event->meta->id == EX_EV_REFUSED && !strncmp(event->tail[0].bytes, "clone-at=", 9))
			return EX_KIND_TEXT(refusal, EX_EVENT(event, refused)->why);
	}
	return NULL;
}

static void say(const struct ex_clone *clone)
{
	const char *missing = ex_clone_missing(clone);
	fprintf(stderr, "exeunt: copy %u of process %u waits %s: gdb -p %u, or: exeunt rerun %s:%u\n",
		clone->slot->number, clone->page->pid, ex_clone_where(clone), clone->slot->pid,
		short_name(clone->trace), clone->slot->number);
	if (missing)
		fprintf(stderr, "exeunt:   missing in it: %s\n", missing);
}

void ex_clones_after(const struct ex_ending *ending, const char *point, int is_verbose)
{
	struct ex_clone_list clones;
	unsigned ended = 0, left = 0;
	ex_clones_read(&clones, ending->dir);
	for (size_t n = 0; n < clones.count; n++) {
		struct ex_clone *clone = &clones.list[n];
		int is_over = clone->page->over != EX_CLONE_NOT_OVER ||
			      (!ending->wait_status && clone->page->pid == (uint32_t)ending->pid);
		if (strlen(point) < sizeof(clone->page->text)) /* with the function's name in place of where it lies */
			strcpy(clone->page->text, point);
		ended += is_over;
		if (clone->waits && is_over) {
			/* what its process has told already, it does by itself */
			if (clone->page->over == EX_CLONE_OVER)
				ex_clone_wait(clone);
			ex_clone_end(clone);
		} else if (clone->waits) {
			left++;
			say(clone);
		} else {
			ex_clone_wait(clone); /* told to end, but not gone yet */
		}
	}
	if (left)
		fprintf(stderr, "exeunt: they end by themselves after clone-life, or by: exeunt rerun --end %s\n",
			short_name(ending->dir));
	const char *refusal = clones.count || (!ending->wait_status && !is_verbose) ? NULL : refusal_of(ending->dir);
	if (refusal)
		fprintf(stderr, "exeunt: no copy was made: %s\n", refusal);
	else if (!clones.count && (ending->wait_status || is_verbose))
		fprintf(stderr, "exeunt: no copy was made: the point %s did not come\n", point);
	if (ended && is_verbose)
		fprintf(stderr, "exeunt: %u cop%s of processes that ended well: ended\n", ended,
			ended == 1 ? "y" : "ies");
}

void ex_clones_end_all(const char *trace)
{
	struct ex_clone_list clones;
	ex_clones_read(&clones, trace);
	for (size_t n = 0; n < clones.count; n++)
		ex_clone_end(&clones.list[n]);
}
