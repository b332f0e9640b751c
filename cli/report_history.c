/*
 * report_history.c: what happened to an address while the process lived, for people and as JSON: who mapped what lies
 * there, gave it its rights, took it away, and when; which libraries were there. Out of history.h and the modules.
 */
#include "report.h"

#include "emit_process.h"
#include "fault.h"
#include "history.h"
#include "lead.h"
#include "text.h"
#include "who.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#define FIRST 4 /* of a long history the beginning */
#define LAST 12 /* and the end, which counts more */
#define LAST_JSON 60
#define FRAMES_MAX 16

struct entry {
	uint64_t time_ns, begin, end;
	const struct ex_change *change; /* NULL: a library */
	const struct ex_module *module; /* NULL: a change */
	int is_unload;
};

struct list {
	struct entry *entries;
	size_t count;
	uint64_t end_ns;
};

static void add(struct list *list, struct entry entry)
{
	list->entries = reallocarray(list->entries, list->count + 1, sizeof(entry));
	if (!list->entries)
		abort();
	list->entries[list->count++] = entry;
}

static int by_time(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	return x->time_ns != y->time_ns ? (x->time_ns < y->time_ns ? -1 : 1) : (x > y) - (x < y);
}

static void find(struct list *list, const struct ex_report *report, uint64_t address)
{
	struct ex_history history;
	const struct ex_image *image = report->image;
	uint64_t end_ns = image->crash ? image->crash->time_ns : image->end_ns;
	*list = (struct list){.end_ns = end_ns};
	ex_history_read(&history, image, address, end_ns);
	for (size_t n = 0; n < history.change_count; n++) {
		const struct ex_change *c = &history.changes[n], *next = c + 1;
		/* one call, told by treatment keep and by itself */
		if (c->kind == EX_CHANGE_UNMAPPED && n + 1 < history.change_count && next->kind == EX_CHANGE_KEPT &&
		    next->event->tid == c->event->tid)
			continue;
		add(list, (struct entry){.time_ns = c->time_ns, .begin = c->begin, .end = c->end, .change = c});
	}
	for (size_t n = 0; n < image->module_count; n++) {
		const struct ex_module *m = &image->modules[n];
		if (address < m->begin || address >= m->end || m->from_ns > end_ns)
			continue;
		add(list, (struct entry){.time_ns = m->from_ns, .begin = m->begin, .end = m->end, .module = m});
		if (m->to_ns <= end_ns)
			add(list, (struct entry){.time_ns = m->to_ns,
						 .begin = m->begin,
						 .end = m->end,
						 .module = m,
						 .is_unload = 1});
	}
	if (list->count)
		qsort(list->entries, list->count, sizeof(*list->entries), by_time);
}

static const char *kind_of(const struct entry *e)
{
	return e->change ? ex_change_text(e->change) : e->is_unload ? "unloaded" : "loaded";
}

/* NULL: none are told */
static const char *rights_of(const struct entry *e)
{
	if (!e->change || (e->change->kind != EX_CHANGE_MAPPED && e->change->kind != EX_CHANGE_PROTECTED))
		return NULL;
	unsigned prot = e->change->prot;
	return ex_format("%c%c%c", prot & PROT_READ ? 'r' : '-', prot & PROT_WRITE ? 'w' : '-',
			 prot & PROT_EXEC ? 'x' : '-');
}

static uint64_t before(const struct list *list, const struct entry *e)
{
	return list->end_ns > e->time_ns ? list->end_ns - e->time_ns : 0;
}

int ex_report_fault_address(const struct ex_report *report, uint64_t *address)
{
	struct ex_fault fault;
	ex_fault_find(&fault, report->image);
	if (!fault.event || fault.is_left || EX_EVENT(fault.event, crash)->code == SI_KERNEL)
		return 0;
	*address = EX_EVENT(fault.event, crash)->address;
	return 1;
}

void ex_report_history_text(const struct ex_report *report, uint64_t address, FILE *out, const char *bold,
			    const char *plain)
{
	struct list list;
	find(&list, report, address);
	if (!list.count)
		return;
	fprintf(out, "\n%shistory of 0x%" PRIx64 "%s, each time before the end\n", bold, address, plain);
	for (size_t n = 0; n < list.count; n++) {
		const struct entry *e = &list.entries[n];
		const char *rights = rights_of(e), *who;
		if (n == FIRST && list.count > FIRST + LAST) {
			n = list.count - LAST - 1;
			fprintf(out, "  %10s  %zu more (all of them: --json, or babeltrace2)\n", "",
				list.count - FIRST - LAST);
			continue;
		}
		fprintf(out, "  %10s  %s 0x%" PRIx64 "-0x%" PRIx64 ", %s%s%s", ex_duration_text(before(&list, e)),
			kind_of(e), e->begin, e->end, ex_bytes_text(e->end - e->begin), rights ? " " : "",
			rights ? rights : "");
		if (e->module) {
			fprintf(out, ": %s\n", e->module->path);
			continue;
		}
		who = ex_who_text(report->symbols, e->change->event);
		fprintf(out, ", by thread %u%s%s\n", e->change->event->tid, who ? ": " : "", who ? who : "");
	}
}

static void entry_json(const struct ex_report *report, const struct list *list, const struct entry *e,
		       struct ex_emit *emit)
{
	struct ex_place frames[FRAMES_MAX];
	ex_emit_object(emit, NULL);
	ex_emit_uint(emit, "before_ns", before(list, e));
	ex_emit_text(emit, "what", kind_of(e));
	ex_emit_hex(emit, "begin", e->begin);
	ex_emit_hex(emit, "end", e->end);
	ex_emit_text(emit, "rights", rights_of(e));
	ex_emit_text(emit, "module", e->module ? e->module->path : NULL);
	if (e->change)
		ex_emit_uint(emit, "thread", e->change->event->tid);
	else
		ex_emit_null(emit, "thread");
	ex_emit_frames(emit, "stack", frames,
		       e->change ? ex_who(report->symbols, e->change->event, frames, FRAMES_MAX) : 0);
	ex_emit_end(emit);
}

void ex_report_history_json(const struct ex_report *report, uint64_t address, struct ex_emit *emit)
{
	struct list list;
	find(&list, report, address);
	size_t left_out = list.count > FIRST + LAST_JSON ? list.count - FIRST - LAST_JSON : 0;
	ex_emit_hex(emit, "address", address);
	ex_emit_uint(emit, "left_out", left_out);
	ex_emit_array(emit, "changes");
	for (size_t n = 0; n < list.count; n++) {
		if (left_out && n == FIRST)
			n += left_out;
		entry_json(report, &list, &list.entries[n], emit);
	}
	ex_emit_end(emit);
}

/* report --address: where that leads, and its history */
void ex_report_address_text(const struct ex_report *report, uint64_t address, FILE *out, const char *bold,
			    const char *plain)
{
	const char *lead = ex_report_lead(report, address);
	fprintf(out, "0x%" PRIx64 " of process %u: %s\n", address, report->image->pid,
		lead ? lead : "nothing is known there");
	ex_report_history_text(report, address, out, bold, plain);
}

void ex_report_address_json(const struct ex_report *report, uint64_t address, FILE *out)
{
	struct ex_emit emit;
	ex_emit_begin(&emit, out);
	ex_emit_object(&emit, NULL);
	ex_emit_text(&emit, "schema", "exeunt.address/1");
	ex_emit_uint(&emit, "pid", report->image->pid);
	ex_emit_text(&emit, "leads_to", ex_report_lead(report, address));
	ex_report_history_json(report, address, &emit);
	ex_emit_end(&emit);
}

const char *ex_report_lead(const struct ex_report *report, uint64_t address)
{
	struct ex_leads leads;
	ex_leads_find(&leads, report->image, report->symbols);
	return ex_lead_text(&leads, address);
}
