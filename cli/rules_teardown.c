/*
 * rules_teardown.c: the rule of profile-after-teardown. See rules.h. It must never look at a symbol's or an allocator's
 * name to decide anything.
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

/* the handler after which the allocator stopped to answer and never did again; alive_count: probes before it */
static const struct ex_row *killer(const struct ex_teardown *t, const struct ex_row *writer, unsigned *alive_count)
{
	const struct ex_row **rows = calloc(t->count + 1, sizeof(*rows)), *dead = NULL;
	size_t count = 0;
	int before = t->alive_before;

	*alive_count = before == EX_life_ALIVE;
	for (size_t i = 0; i < t->count; i++) {
		const struct ex_row *row = &t->rows[i];
		if (row->end_ns && row->end_ns <= writer->begin_ns &&
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
	return dead && dead != writer && ex_rules_has_ended_by(dead, writer->begin_ns) ? dead : NULL;
}

/* Allocation can also fail because a handler scribbled over the heap; then the allocator is damaged, not gone. It is
 * gone when H took the very memory that it served from, or when H belongs to the module that serves malloc. */
static const char *only_damaged(const struct ex_teardown *t, const struct ex_row *handler, int entry)
{
	const struct ex_ev_crash *crash = EX_EVENT(t->image->crash, crash);
	const struct ex_module *module = t->crash_stack[entry].module;
	for (size_t i = 0; i < handler->took_count; i++)
		if (handler->probe_block >= handler->took[i].begin && handler->probe_block < handler->took[i].end)
			return NULL;
	if (crash->signo == SIGABRT && crash->code <= 0 && t->image->exit_kind != EX_exit_ABORT)
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

static const char *described(const struct ex_row *row)
{
	const char *name = ex_rules_row_name(row);
	if (!row->place.symbol)
		return name;
	if (row->place.source == EX_SYMBOL_INFERRED && row->allocator)
		return ex_format("%s (inferred to be %s's %s)", name, row->allocator, row->place.symbol);
	return ex_format("%s (%s)", name, row->place.symbol);
}

static struct ex_candidate *add(struct ex_findings *findings, const struct ex_teardown *t, const struct ex_row *handler,
				const struct ex_row *writer)
{
	struct ex_candidate *c = &findings->candidates[findings->count++];
	memset(c, 0, sizeof(*c));
	c->verdict = EX_VERDICT_PROFILE_AFTER_TEARDOWN;
	c->handler = handler;
	c->writer = writer;
	c->sham = ex_rules_sham(t, handler, writer);
	c->handler_name = ex_rules_row_name(handler);
	c->sham_name = c->sham ? ex_rules_row_name(c->sham) : NULL;
	c->cause = ex_format("The LLVM profile writer %s ran after the exit handler %s had taken away what it needs.",
			     ex_rules_row_name(writer), described(handler));
	c->evidence[c->evidence_count++] = findings->death;
	ex_rules_evidence(c, "order", "handler #%u %s ended %s before the writer #%u %s began", handler->n,
			  described(handler), ex_duration_text(writer->begin_ns - handler->end_ns), writer->n,
			  ex_rules_row_name(writer));
	const char *took = ex_took_text(handler);
	if (*took)
		ex_rules_evidence(c, "released", "handler #%u gave up %s", handler->n, took);
	return c;
}

static void say_taken(struct ex_candidate *c, const struct ex_ev_crash *crash, const struct ex_took *took)
{
	ex_rules_evidence(
		c, "taken",
		"the faulting address 0x%llx lies %llu bytes into 0x%llx-0x%llx (%llu bytes), which went away "
		"during handler #%u (%s)",
		(unsigned long long)crash->address, (unsigned long long)(crash->address - took->begin),
		(unsigned long long)took->begin, (unsigned long long)took->end,
		(unsigned long long)(took->end - took->begin), c->handler->n, EX_KIND_TEXT(release, took->how));
	if (took->held)
		ex_rules_evidence(c, "held", "%u words in the writer's module %s pointed into that range", took->held,
				  c->writer->place.module_name);
}

static void say_dead(struct ex_candidate *c, const struct ex_teardown *t, unsigned alive_count)
{
	const char *how = c->handler->probe_signal ? ex_signal_name(c->handler->probe_signal) : "no block";
	ex_rules_evidence(
		c, "probe",
		"a trial allocation in a copy of the process was answered %u times before handler #%u ended%s, and "
		"failed after it (%s)",
		alive_count, c->handler->n, t->alive_before == EX_life_ALIVE ? ", first before any handler" : "", how);
}

void ex_rules_profile_after_teardown(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_PROFILE_AFTER_TEARDOWN;
	const struct ex_teardown *t = facts->teardown;
	const struct ex_image *image = facts->processes->judged;
	int inside;
	const struct ex_row *writer = ex_rules_writer_at_death(t, &inside);

	if (!image->crash) {
		ex_rules_exclude(findings, verdict, "no fatal signal was seen inside the process");
		return;
	}
	if (!writer) {
		ex_rules_exclude(findings, verdict,
				 image->has_writer ? "the process did not die inside the profile writer"
						   : "no LLVM profile writer was registered");
		return;
	}
	if (t->alive_before == EX_life_DEAD) {
		ex_rules_exclude(findings, verdict, "the allocator failed already before the first exit handler ran");
		return;
	}
	const struct ex_ev_crash *crash = EX_EVENT(image->crash, crash);
	const struct ex_took *took = NULL;
	const char *symbol = NULL;
	unsigned alive_count = 0;
	const struct ex_row *taken_by = ex_rules_taker(t, writer, writer->begin_ns, crash, &took);
	int entry = ex_rules_entry_frame(t, inside, &symbol);
	const struct ex_row *killed_by = entry >= 0 ? killer(t, writer, &alive_count) : NULL;
	const char *damaged = killed_by && killed_by != taken_by ? only_damaged(t, killed_by, entry) : NULL;
	if (damaged)
		killed_by = NULL;

	if (taken_by) {
		struct ex_candidate *c = add(findings, t, taken_by, writer);
		say_taken(c, crash, took);
		if (killed_by == taken_by)
			say_dead(c, t, alive_count);
	}
	if (killed_by && killed_by != taken_by) {
		struct ex_candidate *c = add(findings, t, killed_by, writer);
		say_dead(c, t, alive_count);
	}
	for (unsigned i = 0; i < findings->count && entry >= 0; i++)
		ex_rules_evidence(&findings->candidates[i], "entry",
				  "the writer had called %s at 0x%llx, as this process binds it: frame %d of the stack",
				  symbol, (unsigned long long)t->crash_stack[entry].function, entry);
	if (!findings->count && damaged)
		ex_rules_exclude(findings, verdict, damaged);
	else if (!findings->count)
		ex_rules_exclude(findings, verdict,
				 entry < 0 ? "the writer's fault leads to no memory that an earlier handler took, and "
					     "it was not inside an allocation function"
					   : "the writer died in an allocation function, but no earlier handler took "
					     "the memory it touched or made allocation fail");
}
