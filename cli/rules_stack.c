/*
 * rules_stack.c: the rule of stack-overflow: the stack pointer went below the end of its stack. See rules.h and stack.h.
 */
#include "rules.h"

#include "fault.h"
#include "host.h"
#include "report.h"
#include "stack.h"
#include "text.h"

#include <stdlib.h>

static const char *frame_of(const struct ex_facts *facts, const struct ex_fault *fault)
{
	const struct ex_teardown *t = facts->teardown;
	if (!t->symbols)
		return "the program";
	if (fault->event == t->image->crash && t->crash_frames)
		return ex_place_text(&t->crash_stack[0]);
	ex_symbols_at(t->symbols, fault->event->time_ns);
	struct ex_place place = ex_symbols_place(t->symbols, EX_EVENT(fault->event, crash)->pc, 0);
	ex_symbols_at(t->symbols, UINT64_MAX - 1);
	return ex_place_text(&place);
}

static void say_words(struct ex_candidate *c, const struct ex_overflow *o, const struct ex_teardown *t)
{
	for (unsigned n = 0; n < o->word_count && t->symbols; n++) {
		struct ex_place place = ex_symbols_place(t->symbols, o->words[n].word, 1);
		const char *apart = o->words[n].bytes ? ex_format(", %s apart", ex_bytes_text(o->words[n].bytes)) : "";
		ex_rules_evidence(c, "repeats", "%s is on that stack %u times%s", ex_place_text(&place),
				  o->words[n].count, apart);
	}
}

static void say_place(struct ex_candidate *c, const struct ex_overflow *o, uint32_t tid)
{
	const char *stack = ex_overflow_text(o, tid);
	uint64_t apart = o->sp < o->begin ? o->begin - o->sp : o->sp - o->begin;
	ex_rules_evidence(c, "stack", "the stack pointer 0x%llx is %s the end of %s, 0x%llx-0x%llx%s",
			  (unsigned long long)o->sp,
			  apart ? ex_format("%s %s", ex_bytes_text(apart), o->sp < o->begin ? "below" : "above") : "at",
			  stack, (unsigned long long)o->begin, (unsigned long long)o->end,
			  o->kind != EX_STACK_MAIN ? ""
			  : o->limit == UINT64_MAX
				  ? ", which has no limit (RLIMIT_STACK)"
				  : ex_format(", which may have %s (RLIMIT_STACK)", ex_bytes_text(o->limit)));
	const struct ex_ev_mapping *m = o->mapping ? EX_EVENT(o->mapping, mapping) : NULL;
	const char *path = m ? o->mapping->tail[0].bytes : "";
	ex_rules_evidence(c, "guard", "the faulting address 0x%llx is %s below that end, %s",
			  (unsigned long long)o->address, ex_bytes_text(o->begin - o->address),
			  !m ? "where nothing is mapped"
			  : m->prot
				  ? ex_format("in what cannot be written%s%s", *path ? ", " : "", path)
				  : ex_format("in %s without access, as guards are", ex_bytes_text(m->end - m->begin)));
}

void ex_rules_stack(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_STACK_OVERFLOW;
	const struct ex_image *image = facts->processes->judged;
	struct ex_fault fault;
	struct ex_overflow o;
	if (!facts->is_bad)
		return;
	ex_fault_find(&fault, image);
	ex_overflow_find(&o, image, &fault);
	if (o.why_not) {
		ex_rules_exclude(findings, verdict, o.why_not);
		return;
	}
	struct ex_candidate *c = ex_rules_candidate(findings, verdict);
	if (!c)
		return;
	const char *who = frame_of(facts, &fault), *stack = ex_overflow_text(&o, fault.event->tid);
	c->stack_bytes = o.kind == EX_STACK_MAIN || o.kind == EX_STACK_THREAD ? ex_overflow_bytes(&o) : 0;
	c->frame_bytes = o.frame;
	/* gVisor decides at exec how far that one may grow (20221219 and one of 2026) */
	if (o.kind == EX_STACK_MAIN && ex_host_sandbox(image))
		c->stack_bytes = 0;
	if (c->stack_bytes && o.kind == EX_STACK_MAIN && o.limit != UINT64_MAX && o.limit > c->stack_bytes)
		c->stack_bytes = o.limit;
	if (o.frame)
		c->cause = ex_format("%s took more than %s at once, and that was more than what was left of %s.", who,
				     ex_bytes_text(o.frame), stack);
	else if (o.word_count)
		c->cause = ex_format("%s used up %s: it is full of calls that have not returned.", who, stack);
	else
		c->cause = ex_format("%s used up %s.", who, stack);
	say_place(c, &o, fault.event->tid);
	say_words(c, &o, facts->teardown);
	if (fault.is_handled)
		ex_rules_evidence(c, "handled", "a handler of the program's own saw that fault, %s before the end",
				  ex_duration_text(fault.lived_ns));
	if (findings->lost.text)
		ex_rules_evidence(c, findings->lost.id, "%s", findings->lost.text);
}
