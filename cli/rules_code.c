/*
 * rules_code.c: the rules of dangling-code and write-xor-execute: the program went where its code had been, or used its
 * memory against the rights that it had given it. See rules.h.
 */
#include "rules.h"

#include "dead_code.h"
#include "fault.h"
#include "history.h"
#include "report.h"
#include "text.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const char *range_text(const struct ex_dead_code *dead)
{
	return ex_format("0x%llx-0x%llx", (unsigned long long)dead->begin, (unsigned long long)dead->end);
}

static const char *how_it_went(const struct ex_dead_code *dead)
{
	if (dead->gone->meta->id == EX_EV_QUARANTINED)
		switch (EX_EVENT(dead->gone, quarantined)->how) {
		case EX_release_FREE:
			return "it was freed as a block of malloc (and kept reserved without access)";
		case EX_release_MREMAP:
			return "it was moved away (and its place kept reserved without access)";
		default:
			return "it was unmapped (and kept reserved without access)";
		}
	if (dead->is_data)
		return "its right to execute was taken";
	switch (EX_EVENT(dead->gone, growth)->call) {
	case EX_memory_call_MMAP:
		return "other memory was mapped over it";
	case EX_memory_call_MREMAP:
		return "it was moved away";
	default:
		return "it was unmapped";
	}
}

static void describe(struct ex_candidate *c, const struct ex_facts *facts, const struct ex_dead_code *dead,
		     uint64_t end_ns)
{
	const struct ex_teardown *t = facts->teardown;
	ex_rules_say_event(c, t, "made", ex_format("%s was made executable", range_text(dead)), dead->made, end_ns);
	ex_rules_say_event(c, t, "gone", how_it_went(dead), dead->gone, end_ns);
}

/* a call leaves its return address on top of the stack, and the first instruction of what was called never ran */
static const char *called_from(const struct ex_teardown *t, const struct ex_event *crash)
{
	int tail = ex_event_tail(crash->meta, "stack");
	uint64_t word;
	if (tail < 0 || crash->tail[tail].length < sizeof(word) || !t->symbols)
		return NULL;
	memcpy(&word, crash->tail[tail].bytes, sizeof(word));
	struct ex_place place = ex_symbols_place(t->symbols, word, 1);
	return place.module && !ex_place_is_ours(&place) ? ex_place_text(&place) : NULL;
}

static void add_called(struct ex_findings *findings, const struct ex_facts *facts, const struct ex_event *crash,
		       const struct ex_dead_code *dead)
{
	struct ex_candidate *c = ex_rules_candidate(findings, EX_VERDICT_DANGLING_CODE);
	if (!c)
		return;
	uint64_t pc = EX_EVENT(crash, crash)->pc;
	c->cause =
		ex_format("The program ran code at 0x%llx, in memory that it had given back.", (unsigned long long)pc);
	describe(c, facts, dead, crash->time_ns);
	if (dead->is_data)
		c->doubt = "it was only made writable, and nothing in an untreated run shows that it was given back";
	else if (ex_dead_code_is_reused(facts->processes->judged, dead, crash->time_ns))
		ex_rules_evidence(c, "reused", "other memory was mapped there since");
	const char *caller = called_from(facts->teardown, crash);
	if (caller)
		ex_rules_evidence(c, "caller",
				  "the word on top of the stack, where a call leaves its return address, is %s",
				  caller);
}

#define LOOKED_AT 64 /* for one whose place was taken: each takes a look at all that was mapped later */

/* nothing died of it: code went away, and whoever still has its address runs whatever came there */
static void add_possible(struct ex_findings *findings, const struct ex_facts *facts, const struct ex_dead_code *list,
			 size_t count)
{
	const struct ex_image *image = facts->processes->judged;
	size_t gone = 0, looked = 0;
	for (size_t n = 0; n < count; n++)
		gone += !list[n].is_data;
	/* the latest that something has the place of, of those that are gone if there are any */
	const struct ex_dead_code *dead = NULL, *other = NULL;
	for (size_t n = count; n-- > 0 && !dead && looked < LOOKED_AT;) {
		if (gone && list[n].is_data)
			continue;
		looked++;
		other = other ? other : &list[n];
		if (ex_dead_code_is_reused(image, &list[n], image->end_ns))
			dead = &list[n];
	}
	const char *since = !dead  ? ""
			    : gone ? ", and other memory was mapped in its place"
				   : ", and it was executable again later";
	dead = dead ? dead : other;
	struct ex_candidate *c = ex_rules_candidate(findings, EX_VERDICT_DANGLING_CODE);
	if (!c)
		return;
	c->doubt = "nothing in an untreated run shows that what went away was used after that";
	if (gone)
		ex_rules_evidence(c, "count", "%zu %s of executable memory went away while the program ran%s", gone,
				  gone == 1 ? "piece" : "pieces", since);
	else
		ex_rules_evidence(c, "count", "the right to execute %s was taken %s%s",
				  count == 1 ? "a piece of memory" : "pieces of memory",
				  count == 1 ? "once" : ex_format("%zu times", count), since);
	describe(c, facts, dead, image->end_ns);
}

static int ran_there(const struct ex_ev_crash *crash)
{
	/* what lies there now may be executable, and no instruction of its own: then the place is where the signal came from */
	return crash->code > 0 && (crash->pc == crash->address || crash->signo == SIGILL || crash->signo == SIGTRAP);
}

void ex_rules_dangling_code(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_DANGLING_CODE;
	const struct ex_image *image = facts->processes->judged;
	struct ex_dead_code *list;
	if (!facts->is_bad)
		return;
	const struct ex_event *crash = image->crash;
	size_t count = ex_dead_code_find(image, crash ? crash->time_ns : image->end_ns, &list);
	if (!count) {
		ex_rules_exclude(findings, verdict, "no executable memory went away while the program ran");
		return;
	}
	const struct ex_dead_code *dead = crash ? ex_dead_code_at(list, count, EX_EVENT(crash, crash)->pc) : NULL;
	if (dead && ran_there(EX_EVENT(crash, crash)))
		add_called(findings, facts, crash, dead);
	else if (!crash || EX_EVENT(crash, crash)->code > 0)
		add_possible(findings, facts, list, count);
	else
		ex_rules_exclude(findings, verdict, "it died of a signal that was sent, not of code that was gone");
}

/* natively only: gVisor does not say which right was missing */
void ex_rules_write_xor_execute(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_WRITE_XOR_EXECUTE;
	const struct ex_image *image = facts->processes->judged;
	struct ex_fault fault;
	struct ex_history history;
	if (!facts->is_bad)
		return;
	ex_fault_find(&fault, image);
	const struct ex_ev_crash *crash = fault.event ? EX_EVENT(fault.event, crash) : NULL;
	const struct ex_ev_fault_map *map = fault.map ? EX_EVENT(fault.map, fault_map) : NULL;
	if (!crash || fault.is_left || crash->signo != SIGSEGV || crash->code != SEGV_ACCERR || !map || !map->begin) {
		ex_rules_exclude(findings, verdict, "it did not die of a right that a mapping had not");
		return;
	}
	int is_fetch = crash->pc == crash->address;
	int is_code = (map->prot & PROT_EXEC) != 0, is_data = !is_code && (map->prot & PROT_WRITE);
	ex_history_read(&history, image, crash->address, fault.event->time_ns);
	const struct ex_life *life = history.life_count ? &history.lives[history.life_count - 1] : NULL;
	if (!life || life->gone ||
	    (is_fetch ? !is_data : !is_code || (map->prot & PROT_WRITE) || !(map->prot & PROT_READ))) {
		ex_rules_exclude(findings, verdict,
				 "the mapping is none that the program itself had made executable or writable");
		return;
	}
	struct ex_candidate *c = ex_rules_candidate(findings, verdict);
	if (!c)
		return;
	c->cause = is_fetch ? ex_format("The program ran code at 0x%llx that it had written and not made executable.",
					(unsigned long long)crash->address)
			    : ex_format("The program wrote to 0x%llx, code that it had made executable and read-only.",
					(unsigned long long)crash->address);
	ex_rules_evidence(c, "mapping", "the map has %s at the faulting address", ex_fault_mapping_text(fault.map, ""));
	if (life->mapped)
		ex_rules_say_event(c, facts->teardown, "mapped", "it was mapped", life->mapped->event,
				   fault.event->time_ns);
	if (life->prot && life->prot != life->mapped)
		ex_rules_say_event(c, facts->teardown, "protected", "its rights were set", life->prot->event,
				   fault.event->time_ns);
}
