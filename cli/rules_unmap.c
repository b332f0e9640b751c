/*
 * rules_unmap.c: the rule of double-unmap: who unmaps twice takes away what was mapped there in between. See rules.h. The calls
 * alone look like those of one owner who maps, unmaps, maps and unmaps again: so an arm must show it.
 */
#include "rules.h"

#include "fault.h"
#include "history.h"
#include "text.h"

#include <signal.h>
#include <string.h>

/* two lives of the address: both were ended by an unmapping of one and the same range */
struct twice {
	const struct ex_life *first, *second;
};

static int is_unmapped(const struct ex_life *life)
{
	return life->gone && life->gone->kind == EX_CHANGE_UNMAPPED;
}

static int find_twice(struct twice *twice, const struct ex_history *h)
{
	const struct ex_life *last = h->life_count ? &h->lives[h->life_count - 1] : NULL;
	if (!last || !is_unmapped(last) || !last->mapped)
		return 0;
	for (size_t i = h->life_count - 1; i-- > 0;) {
		const struct ex_life *life = &h->lives[i];
		if (!is_unmapped(life) || life->gone->begin != last->gone->begin || life->gone->end != last->gone->end)
			continue;
		*twice = (struct twice){life, last};
		return 1;
	}
	return 0;
}

static const char *range_text(const struct ex_change *change)
{
	return ex_format("0x%llx-0x%llx", (unsigned long long)change->begin, (unsigned long long)change->end);
}

void ex_rules_double_unmap(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_DOUBLE_UNMAP;
	const struct ex_image *image = facts->processes->judged;
	const struct ex_teardown *t = facts->teardown;
	struct ex_fault fault;
	struct ex_history history;
	struct twice twice;
	if (!facts->is_bad)
		return;
	ex_fault_find(&fault, image);
	if (!fault.event || fault.is_left || EX_EVENT(fault.event, crash)->signo != SIGSEGV ||
	    EX_EVENT(fault.event, crash)->code != SEGV_MAPERR) {
		ex_rules_exclude(findings, verdict,
				 "it did not die of an access to an address that nothing is mapped at");
		return;
	}
	ex_history_read(&history, image, EX_EVENT(fault.event, crash)->address, fault.event->time_ns);
	if (!find_twice(&twice, &history)) {
		ex_rules_exclude(findings, verdict,
				 "what lay at the faulting address was not unmapped twice by the same range");
		return;
	}
	struct ex_candidate *c = ex_rules_candidate(findings, verdict);
	if (!c)
		return;
	const struct ex_change *again = twice.second->gone, *between = twice.second->mapped;
	c->doubt = "one owner that maps, unmaps, maps and unmaps again, and uses it then, looks the same";
	c->is_code = twice.first->made_code || twice.second->made_code;
	c->was_code = twice.first->made_code != NULL;
	c->cause =
		ex_format("%s was unmapped twice, and by the second time it was another's memory.", range_text(again));
	ex_rules_say_event(c, t, "unmapped", ex_format("%s was unmapped", range_text(twice.first->gone)),
			   twice.first->gone->event, fault.event->time_ns);
	ex_rules_say_event(c, t, "reused",
			   ex_format("%s was mapped there%s", range_text(between),
				     between->begin == again->begin && between->end == again->end
					     ? ""
					     : ", not the same range"),
			   between->event, fault.event->time_ns);
	ex_rules_say_event(c, t, "unmapped-again", ex_format("%s was unmapped once more", range_text(again)),
			   again->event, fault.event->time_ns);
	if (findings->lost.text)
		ex_rules_evidence(c, findings->lost.id, "%s", findings->lost.text);
}

/* A JIT maps and unmaps one place over and over, and a stale call into it looks the same. Where the first was code, keep=exec keeps that
 * too: then the arm of dangling-code tells the two apart, for nobody else gets the place, and nothing dies. */
void ex_rules_order_unmap(struct ex_findings *findings)
{
	unsigned n = findings->count;
	if (n < 2 || findings->candidates[n - 1].verdict != EX_VERDICT_DANGLING_CODE ||
	    findings->candidates[n - 2].verdict != EX_VERDICT_DOUBLE_UNMAP || !findings->candidates[n - 2].was_code)
		return;
	struct ex_candidate unmap = findings->candidates[n - 2];
	findings->candidates[n - 2] = findings->candidates[n - 1];
	findings->candidates[n - 1] = unmap;
}
