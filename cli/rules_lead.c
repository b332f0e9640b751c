/*
 * rules_lead.c: from a death back to the exit handler that made it: the one that took the memory, or the one after which
 * the allocator no more answered. What the rules of teardown share. See rules.h. Must never look at a symbol's or an
 * allocator's name to decide anything.
 */
#include "rules.h"

#include "report.h"
#include "text.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static int by_end(const void *a, const void *b)
{
	const struct ex_row *left = *(const struct ex_row *const *)a, *right = *(const struct ex_row *const *)b;
	return left->end_ns < right->end_ns ? -1 : left->end_ns > right->end_ns;
}

const struct ex_row *ex_rules_killer(const struct ex_teardown *t, const struct ex_row *except, uint64_t end_ns,
				     unsigned *alive_count)
{
	const struct ex_row **rows = calloc(t->count + 1, sizeof(*rows)), *dead = NULL;
	size_t count = 0;
	int before = t->alive_before;

	*alive_count = before == EX_life_ALIVE;
	for (size_t i = 0; i < t->count; i++) {
		const struct ex_row *row = &t->rows[i];
		if (row->end_ns && row->end_ns <= end_ns &&
		    (row->alive_after == EX_life_ALIVE || row->alive_after == EX_life_DEAD))
			rows[count++] = row;
	}
	qsort(rows, count, sizeof(*rows), by_end);
	for (size_t i = 0; i < count; i++) {
		if (rows[i]->alive_after == EX_life_ALIVE) {
			dead = NULL;
			++*alive_count;
		} else if (before == EX_life_ALIVE) {
			dead = rows[i];
		} else if (!dead) {
			return NULL; /* dead, and never seen alive */
		}
		before = rows[i]->alive_after;
	}
	return dead && dead != except && ex_rules_has_ended_by(dead, end_ns) ? dead : NULL;
}

/* Allocation can also fail because a handler scribbled over the heap; then the allocator is damaged, not gone. It is
 * gone when H took the very memory that it served from, or when H belongs to the module that serves malloc. */
const char *ex_rules_only_damaged(const struct ex_teardown *t, const struct ex_row *handler, int entry)
{
	const struct ex_ev_crash *crash = EX_EVENT(t->image->crash, crash);
	const struct ex_module *module = t->crash_stack[entry].module;
	for (size_t i = 0; i < handler->took_count; i++)
		if (handler->probe_block >= handler->took[i].begin && handler->probe_block < handler->took[i].end)
			return NULL;
	if (crash->signo == SIGABRT && crash->code <= 0 && (t->image->exit_kind != EX_exit_ABORT || t->image->gave_up))
		return ex_format("the allocation function gave up by itself (SIGABRT, as heap checks do) and "
				 "handler #%u %s, after "
				 "which it first failed, took no memory of it: it may have damaged the heap",
				 handler->n, ex_rules_row_name(handler));
	if (module && module->begin == handler->place.module->begin)
		return NULL;
	return ex_format("allocation first failed after handler #%u %s, but that handler neither took the "
			 "allocator's memory nor "
			 "belongs to it: it may have damaged the heap",
			 handler->n, ex_rules_row_name(handler));
}

const char *ex_rules_described(const struct ex_row *row)
{
	const char *name = ex_rules_row_name(row);
	if (!row->place.symbol)
		return name;
	if (row->place.source == EX_SYMBOL_INFERRED && row->allocator)
		return ex_format("%s (inferred to be %s's %s)", name, row->allocator, row->place.symbol);
	return ex_format("%s (%s)", name, row->place.symbol);
}

void ex_rules_say_taken(struct ex_candidate *c, const struct ex_ev_crash *crash, const struct ex_took *took)
{
	ex_rules_evidence(
		c, "taken",
		"the faulting address 0x%llx lies %llu bytes into 0x%llx-0x%llx (%llu bytes), which went away "
		"during handler #%u (%s)",
		(unsigned long long)crash->address, (unsigned long long)(crash->address - took->begin),
		(unsigned long long)took->begin, (unsigned long long)took->end,
		(unsigned long long)(took->end - took->begin), c->handler->n, EX_KIND_TEXT(release, took->how));
	if (took->held && c->writer)
		ex_rules_evidence(c, "held", "%u words in the writer's module %s pointed into that range", took->held,
				  c->writer->place.module_name);
}

void ex_rules_say_dead(struct ex_candidate *c, const struct ex_teardown *t, unsigned alive_count)
{
	const char *how = c->handler->probe_signal ? ex_signal_name(c->handler->probe_signal) : "no block";
	ex_rules_evidence(
		c, "probe",
		"a trial allocation in a copy of the process was answered %u times before handler #%u ended%s, and "
		"failed after it (%s)",
		alive_count, c->handler->n, t->alive_before == EX_life_ALIVE ? ", first before any handler" : "", how);
}

/* the map at the end of a handler says only that memory is gone, a call says that keep= could have stopped it */
static int is_kept_by_setting(const struct ex_row *row, uint64_t address)
{
	for (size_t i = 0; i < row->took_count; i++)
		if (row->took[i].how != EX_release_GONE && row->took[i].how != EX_release_MAP_FIXED &&
		    address >= row->took[i].begin && address < row->took[i].end)
			return 1;
	return 0;
}

/* pages that are discarded read as zero: who finds a pointer there finds a null pointer */
static const struct ex_row *discarder(const struct ex_teardown *t, const struct ex_ev_crash *crash)
{
	const struct ex_row *last = NULL;
	if (!ex_rules_is_memory_fault(crash) || crash->address >= EX_FIRST_PAGE_BYTES)
		return NULL;
	for (size_t i = 0; i < t->count; i++) {
		const struct ex_row *row = &t->rows[i];
		if (!ex_rules_has_ended_by(row, t->image->crash->time_ns) || row == t->crash_row)
			continue;
		for (size_t n = 0; n < row->took_count; n++)
			if (row->took[n].how == EX_release_MADVISE && (!last || row->end_ns > last->end_ns))
				last = row;
	}
	return last;
}

int ex_rules_lead(struct ex_lead *lead, const struct ex_teardown *t)
{
	const struct ex_event *event = t->image->crash;
	memset(lead, 0, sizeof(*lead));
	lead->entry = -1;
	if (!event || !t->image->first_exit || t->image->first_exit->time_ns > event->time_ns)
		return 0;
	const struct ex_ev_crash *crash = EX_EVENT(event, crash);
	const struct ex_row *taken_by = ex_rules_taker(t, t->crash_row, event->time_ns, crash, &lead->took);
	const struct ex_row *killed_by = NULL;
	lead->entry = ex_rules_entry_frame(t, t->crash_frames, &lead->symbol);
	if (lead->entry >= 0 && t->alive_before != EX_life_DEAD)
		killed_by = ex_rules_killer(t, t->crash_row, event->time_ns, &lead->alive_count);
	if (killed_by && killed_by != taken_by) {
		lead->damaged = ex_rules_only_damaged(t, killed_by, lead->entry);
		if (taken_by || lead->damaged)
			killed_by = NULL;
	}
	lead->handler = taken_by ? taken_by : killed_by;
	lead->is_dead = lead->handler && killed_by == lead->handler;
	lead->can_keep = taken_by && is_kept_by_setting(taken_by, crash->address);
	lead->discarded = lead->handler ? NULL : discarder(t, crash);
	return lead->handler != NULL;
}

void ex_rules_say_lead(struct ex_candidate *c, const struct ex_teardown *t, const struct ex_lead *lead)
{
	const char *took = ex_took_text(lead->handler);
	if (lead->took)
		ex_rules_say_taken(c, EX_EVENT(t->image->crash, crash), lead->took);
	else if (*took)
		ex_rules_evidence(c, "released", "handler #%u gave up %s", lead->handler->n, took);
	if (lead->is_dead)
		ex_rules_say_dead(c, t, lead->alive_count);
	if (lead->entry >= 0)
		ex_rules_evidence(c, "entry",
				  "it died in %s at 0x%llx, as this process binds it: frame %d of the stack",
				  lead->symbol, (unsigned long long)t->crash_stack[lead->entry].function, lead->entry);
}

struct ex_candidate *ex_rules_candidate(struct ex_findings *findings, enum ex_verdict verdict)
{
	if (findings->count == sizeof(findings->candidates) / sizeof(findings->candidates[0]))
		return NULL;
	struct ex_candidate *c = &findings->candidates[findings->count++];
	memset(c, 0, sizeof(*c));
	c->verdict = verdict;
	c->evidence[c->evidence_count++] = findings->death;
	return c;
}

/* H, and the handler whose skip must change nothing */
void ex_rules_blame(struct ex_candidate *c, const struct ex_teardown *t, const struct ex_lead *lead)
{
	c->handler = lead->handler;
	c->handler_name = ex_rules_row_name(lead->handler);
	c->sham = ex_rules_sham(t, lead->handler, t->crash_row);
	c->sham_name = c->sham ? ex_rules_row_name(c->sham) : NULL;
	c->can_keep = lead->can_keep;
}
