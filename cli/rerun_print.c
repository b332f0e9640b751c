/*
 * rerun_print.c: what came of re-runs, and which copies there are, for people and as JSON. See rerun.h.
 */
#include "rerun.h"

#include "emit.h"
#include "emit_process.h"
#include "text.h"

#include <string.h>
#include <sys/wait.h>

static const char *const hows[] = {"ended", "timeout", "interrupted", "none"};

/* the first of those that ended as this one did */
static int first_alike(const struct ex_reruns *reruns, int n)
{
	int first = 0;
	while (strcmp(reruns->list[first].text, reruns->list[n].text) != 0)
		first++;
	return first;
}

static int alike(const struct ex_reruns *reruns, int first)
{
	int count = 0;
	for (int n = first; n < reruns->count; n++)
		count += first_alike(reruns, n) == first;
	return count;
}

void ex_reruns_text(const struct ex_reruns *reruns, FILE *out)
{
	int silent = 0;
	for (int n = 0; n < reruns->count; n++) {
		silent += reruns->list[n].was_silent;
		if (first_alike(reruns, n) == n)
			fprintf(out, "%d of %d: %s\n", alike(reruns, n), reruns->count, reruns->list[n].text);
	}
	if (reruns->count < reruns->wanted)
		fprintf(out, "stopped after %d of %d\n", reruns->count, reruns->wanted);
	if (silent)
		fprintf(out, "the output of %d could not be shown: their process cannot open ours\n", silent);
	if (!reruns->count)
		return;
	const struct ex_rerun *first = &reruns->list[0];
	fprintf(out, "in detail: exeunt report --pid %u %s\n", first->pid,
		reruns->dir ? reruns->dir : reruns->clone->trace);
}

static void emit_clone(struct ex_emit *emit, const struct ex_clone *clone)
{
	const struct ex_clone_slot *slot = clone->slot;
	ex_emit_object(emit, NULL);
	ex_emit_uint(emit, "number", slot->number);
	ex_emit_uint(emit, "pid", slot->pid);
	ex_emit_uint(emit, "of", clone->page->pid);
	ex_emit_text(emit, "point", clone->page->text);
	ex_emit_uint(emit, "n", slot->n);
	ex_emit_bool(emit, "waits", clone->waits);
	ex_emit_uint(emit, "missing_threads", slot->missing);
	ex_emit_uint(emit, "replaced_descriptors", slot->replaced);
	ex_emit_uint(emit, "shared_bytes", slot->shared_bytes);
	ex_emit_uint(emit, "reruns", slot->reruns);
	ex_emit_end(emit);
}

static void emit_rerun(struct ex_emit *emit, const struct ex_rerun *rerun)
{
	ex_emit_object(emit, NULL);
	ex_emit_uint(emit, "pid", rerun->pid);
	ex_emit_text(emit, "end", hows[rerun->how]);
	if (WIFEXITED(rerun->wait_status))
		ex_emit_int(emit, "status", WEXITSTATUS(rerun->wait_status));
	else
		ex_emit_null(emit, "status");
	ex_emit_text(emit, "signal", rerun->signal ? ex_signal_name(rerun->signal) : NULL);
	if (rerun->has_place) {
		ex_emit_object(emit, "place");
		ex_emit_place(emit, &rerun->place);
		ex_emit_end(emit);
	} else {
		ex_emit_null(emit, "place");
	}
	ex_emit_uint(emit, "duration_ns", (uint64_t)(rerun->seconds * 1e9));
	ex_emit_text(emit, "text", rerun->text);
	ex_emit_end(emit);
}

static void begin(struct ex_emit *emit, FILE *out, const char *trace)
{
	ex_emit_begin(emit, out);
	ex_emit_object(emit, NULL);
	ex_emit_text(emit, "schema", "exeunt.rerun/1");
	ex_emit_text(emit, "version", EXEUNT_VERSION);
	ex_emit_text(emit, "trace", trace);
	ex_emit_array(emit, "clones");
}

void ex_reruns_json(const struct ex_reruns *reruns, FILE *out)
{
	struct ex_emit emit;
	begin(&emit, out, reruns->dir ? reruns->dir : reruns->clone->trace);
	emit_clone(&emit, reruns->clone);
	ex_emit_end(&emit);
	ex_emit_int(&emit, "wanted", reruns->wanted);
	ex_emit_array(&emit, "runs");
	for (int n = 0; n < reruns->count; n++)
		emit_rerun(&emit, &reruns->list[n]);
	ex_emit_end(&emit);
	ex_emit_array(&emit, "ends");
	for (int n = 0; n < reruns->count; n++) {
		if (first_alike(reruns, n) != n)
			continue;
		ex_emit_object(&emit, NULL);
		ex_emit_int(&emit, "count", alike(reruns, n));
		ex_emit_text(&emit, "text", reruns->list[n].text);
		ex_emit_end(&emit);
	}
	ex_emit_end(&emit);
	ex_emit_end(&emit);
}

void ex_clones_text(const struct ex_clone_list *clones, FILE *out)
{
	size_t gone = 0;
	for (size_t n = 0; n < clones->count; n++) {
		const struct ex_clone *clone = &clones->list[n];
		const char *missing = ex_clone_missing(clone);
		if (clone->waits)
			fprintf(out, "%u  process %u, copy of %u, waits %s%s%s\n", clone->slot->number,
				clone->slot->pid, clone->page->pid, ex_clone_where(clone),
				missing ? "; missing in it: " : "", missing ? missing : "");
		else
			gone++;
	}
	if (gone)
		fprintf(out, "%zu gone\n", gone);
}

void ex_clones_json(const struct ex_clone_list *clones, const char *trace, FILE *out)
{
	struct ex_emit emit;
	begin(&emit, out, trace);
	for (size_t n = 0; n < clones->count; n++)
		emit_clone(&emit, &clones->list[n]);
	ex_emit_end(&emit);
	ex_emit_int(&emit, "wanted", 0);
	ex_emit_array(&emit, "runs");
	ex_emit_end(&emit);
	ex_emit_array(&emit, "ends");
	ex_emit_end(&emit);
	ex_emit_end(&emit);
}
