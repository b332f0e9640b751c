/*
 * rules_unloaded.c: the rule of unloaded-module: the program went where a library had been. See rules.h.
 */
#include "rules.h"

#include "text.h"

#include <string.h>

const struct ex_module *ex_rules_unloaded_at(const struct ex_image *image, uint64_t address, uint64_t time_ns)
{
	const struct ex_module *gone = NULL;
	for (size_t i = 0; i < image->module_count; i++) {
		const struct ex_module *module = &image->modules[i];
		if (address < module->begin || address >= module->end || module->from_ns > time_ns)
			continue;
		if (module->to_ns > time_ns)
			return NULL; /* another one is there by now */
		if (!gone || module->to_ns > gone->to_ns)
			gone = module;
	}
	return gone;
}

/* A thread may die of it before dlclose has come back and told which objects are gone: then code cannot be fetched any
 * more from an object that is still known. Returns when dlclose was called, 0 */
static uint64_t closing_since(const struct ex_image *image)
{
	uint64_t since = 0;
	for (size_t i = 0; i < image->event_count; i++) {
		const struct ex_event *event = image->events[i];
		if (event->time_ns > image->crash->time_ns)
			continue;
		if (event->meta->id == EX_EV_DLCLOSE)
			since = event->time_ns;
		else if (event->meta->id == EX_EV_MODULE_GONE)
			since = 0;
	}
	return since;
}

/* the call that took it away, NULL */
static const struct ex_event *closed_by(const struct ex_image *image, uint64_t gone_ns)
{
	const struct ex_event *closed = NULL;
	for (size_t i = 0; i < image->event_count && image->events[i]->time_ns <= gone_ns; i++)
		if (image->events[i]->meta->id == EX_EV_DLCLOSE)
			closed = image->events[i];
	return closed;
}

/* a call leaves its return address on top of the stack, and the first instruction of what was called never ran */
static const char *called_from(const struct ex_teardown *t)
{
	const struct ex_event *event = t->image->crash;
	int tail = ex_event_tail(event->meta, "stack");
	uint64_t word;
	if (tail < 0 || event->tail[tail].length < sizeof(word) || !t->symbols)
		return NULL;
	memcpy(&word, event->tail[tail].bytes, sizeof(word));
	ex_symbols_at(t->symbols, event->time_ns);
	struct ex_place place = ex_symbols_place(t->symbols, word, 1);
	ex_symbols_at(t->symbols, UINT64_MAX - 1);
	return place.module && !ex_place_is_ours(&place) ? ex_place_text(&place) : NULL;
}

/* the start routine of the thread that died is in there: it was to be ended before */
static int began_in(const struct ex_image *image, const struct ex_module *module)
{
	for (size_t i = 0; i < image->event_count; i++) {
		const struct ex_event *event = image->events[i];
		if (event->meta->id != EX_EV_THREAD_BEGIN || event->tid != image->crash->tid)
			continue;
		uint64_t fn = EX_EVENT(event, thread_begin)->fn;
		return fn >= module->begin && fn < module->end;
	}
	return 0;
}

static const char *base_name(const struct ex_module *module)
{
	const char *slash = strrchr(module->path, '/');
	return slash ? slash + 1 : module->path;
}

void ex_rules_unloaded_module(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_UNLOADED_MODULE;
	const struct ex_image *image = facts->processes->judged;
	const struct ex_event *event = image->crash;
	if (!facts->is_bad)
		return;
	if (!event) {
		ex_rules_exclude(findings, verdict, "no fatal signal was seen inside the process");
		return;
	}
	const struct ex_ev_crash *crash = EX_EVENT(event, crash);
	const struct ex_module *code = ex_rules_unloaded_at(image, crash->pc, event->time_ns);
	const struct ex_module *module = code;
	/* what the fault says of other signals is no address */
	if (!module && ex_rules_is_memory_fault(crash))
		module = ex_rules_unloaded_at(image, crash->address, event->time_ns);
	uint64_t gone_ns = module ? module->to_ns : 0;
	if (!module && crash->pc == crash->address && crash->pc && ex_rules_is_memory_fault(crash)) {
		gone_ns = closing_since(image);
		module = code = gone_ns ? ex_image_module(image, crash->pc, event->time_ns) : NULL;
	}
	if (!module || !ex_rules_is_memory_fault(crash)) {
		ex_rules_exclude(findings, verdict,
				 "it died neither in nor on a place where a library had been unloaded");
		return;
	}
	struct ex_candidate *c = ex_rules_candidate(findings, verdict);
	if (!c)
		return;
	const char *name = base_name(module);
	uint64_t where = code ? crash->pc : crash->address;
	int is_its_thread = code && began_in(image, module);
	c->cause = is_its_thread ? ex_format("Thread %u of %s was still running when the library was unloaded.",
					     event->tid, name)
		   : code	 ? ex_format("The program ran code of %s, which had been unloaded.", name)
				 : ex_format("The program used data of %s, which had been unloaded.", name);
	ex_rules_evidence(c, "unloaded",
			  "%s 0x%llx lies where %s had been (0x%llx-0x%llx, offset 0x%llx), until dlclose, %s before",
			  code ? "the program counter" : "the faulting address", (unsigned long long)where,
			  module->path, (unsigned long long)module->begin, (unsigned long long)module->end,
			  (unsigned long long)(where - module->bias), ex_duration_text(event->time_ns - gone_ns));
	const struct ex_event *closed = closed_by(image, gone_ns);
	if (closed)
		ex_rules_say_event(c, facts->teardown, "closed", "dlclose was called", closed, event->time_ns);
	if (is_its_thread)
		ex_rules_evidence(c, "thread", "the start routine of thread %u, which died, is in that library",
				  event->tid);
	const char *caller = code && crash->pc == crash->address ? called_from(facts->teardown) : NULL;
	if (caller)
		ex_rules_evidence(c, "caller",
				  "the word on top of the stack, where a call leaves its return address, is "
				  "%s",
				  caller);
}
