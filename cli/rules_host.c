/*
 * rules_host.c: the rule of host-mapping-exhaustion: a gVisor sandbox's host had no mappings left. See rules.h. What shows
 * it is a fault on memory that the map has as accessible, or a death that nothing inside could see; and the number of
 * mappings that its growth took. One without the other is at most a reason to try.
 */
#include "rules.h"

#include "fault.h"
#include "growth.h"
#include "host.h"
#include "places.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* who is there a second later has got over it, or was doing something else */
#define NEAR_NS 1000000000u

/* where the map was not told any more: a heap of glibc's that had been grown beyond that address by then */
static int is_in_grown_heap(const struct ex_image *image, const struct ex_fault *fault)
{
	struct ex_steps steps;
	uint64_t address = EX_EVENT(fault->event, crash)->address;
	int is_in = 0;
	ex_steps_build(&steps, image);
	for (size_t n = 0; n < steps.heap_count; n++)
		is_in |= !steps.heaps[n].is_gone && !steps.heaps[n].is_replaced && address >= steps.heaps[n].begin &&
			 address < steps.heaps[n].committed_end;
	is_in |= address >= steps.break_first && address < steps.break_last;
	free(steps.list);
	free(steps.heaps);
	return is_in;
}

static const char *not_refused(const struct ex_image *image, const struct ex_fault *fault)
{
	if (!fault->event && image->end == EX_END_VANISHED)
		return image->first_exit ? "nothing saw its end, but it had begun to leave by itself"
					 : "nothing saw its end, and its sandbox did not end as when it is the cause";
	if (!fault->event)
		return "its end was seen, and it was no fault";
	if (!fault->map)
		return "what the map has at the faulting address was not told";
	if (ex_fault_is_without_access(fault))
		return "the page that it faulted on is one without access";
	return ex_fault_mapping_text(fault->map, "") ? "the mapping that it faulted on does not permit that access"
						     : "the map has nothing at the faulting address";
}

/* why this alone is no verdict, NULL */
static const char *doubt(const struct ex_host *host, const struct ex_fault *fault, int is_unseen, uint64_t end_ns)
{
	if ((double)host->least > EX_HOST_BEYOND * (double)host->limit)
		return ex_format("it took %s: so the limit is another (host-mappings=N tells it)", ex_host_text(host));
	if (!ex_host_is_near(host))
		return ex_format("its growth took only %s: another thread may have changed the page's protection for a "
				 "moment, or the sandbox's memory be limited",
				 ex_host_text(host));
	if (is_unseen && host->last_growth_ns && end_ns - host->last_growth_ns > NEAR_NS)
		return ex_format("it had not grown for %s", ex_duration_text(end_ns - host->last_growth_ns));
	if (fault->is_handled && fault->lived_ns > NEAR_NS)
		return ex_format("it lived on for %s after the fault", ex_duration_text(fault->lived_ns));
	return NULL;
}

/* how many threads were in the very function of the fault, each growing an arena of its own */
static void say_threads(struct ex_candidate *c, const struct ex_teardown *t)
{
	struct ex_thread_at *list;
	size_t count = ex_places_find(t, &list);
	unsigned same = 0, dying = 0;
	if (!count || !list[0].frame_count)
		return;
	const char *arena = ex_places_arena(&list[0]);
	ex_rules_evidence(c, "function", "thread %u died in %s%s%s", list[0].tid, ex_place_text(&list[0].frames[0]),
			  arena ? ", growing arena " : "", arena ? arena : "");
	for (size_t n = 1; n < count; n++) {
		dying += list[n].is_dying != 0;
		same += list[0].frames[0].function && list[n].frame_count &&
			list[n].frames[0].function == list[0].frames[0].function;
	}
	if (count > 1)
		ex_rules_evidence(c, "threads", "of %zu other threads %u were in the same function, %u died with it",
				  count - 1, same, dying);
}

static void say_switches(struct ex_candidate *c, const struct ex_host *host)
{
	if (host->growths)
		ex_rules_evidence(c, "switches",
				  "%llu of %llu growths of its arenas came after one of another arena (%.1f %%)",
				  (unsigned long long)host->switches, (unsigned long long)host->growths,
				  100 * (double)host->switches / (double)host->growths);
}

static void add(struct ex_findings *findings, const struct ex_facts *facts, const struct ex_host *host,
		const struct ex_fault *fault, int is_unseen)
{
	const struct ex_image *image = facts->processes->judged;
	struct ex_candidate *c = ex_rules_candidate(findings, EX_VERDICT_HOST_MAPPING_EXHAUSTION);
	const char *slash = strrchr(image->exe, '/');
	if (!c)
		return;
	if (!findings->death.text)
		c->evidence_count = 0;
	c->doubt = doubt(host, fault, is_unseen, image->end_ns);
	c->limit = host->limit;
	c->cause =
		ex_format("Under gVisor the host had no mappings left for %s: its heaps grew page by page and in turn, "
			  "and each page took one.",
			  slash ? slash + 1 : image->exe);
	if (is_unseen)
		ex_rules_evidence(c, "unseen", "nothing inside saw its end%s%s", image->sandbox_end ? ": " : "",
				  image->sandbox_end ? image->sandbox_end : "");
	else if (fault->map)
		ex_rules_evidence(c, "mapping",
				  "the map has %s at the faulting address 0x%llx: the sandbox's host refused memory",
				  ex_fault_mapping_text(fault->map, ""),
				  (unsigned long long)EX_EVENT(fault->event, crash)->address);
	else
		ex_rules_evidence(c, "mapping",
				  "the faulting address 0x%llx lies in a heap that had been grown beyond it",
				  (unsigned long long)EX_EVENT(fault->event, crash)->address);
	if (fault->is_handled)
		ex_rules_evidence(c, "handled", "a handler of the program's own saw that fault, %s before the end",
				  ex_duration_text(fault->lived_ns));
	if (image->crash)
		say_threads(c, facts->teardown);
	ex_rules_evidence(c, "estimate", "its growth took %s", ex_host_text(host));
	say_switches(c, host);
	if (findings->lost.text)
		ex_rules_evidence(c, findings->lost.id, "%s", findings->lost.text);
}

void ex_rules_host_mappings(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_HOST_MAPPING_EXHAUSTION;
	const struct ex_image *image = facts->processes->judged;
	struct ex_host host;
	struct ex_fault fault;
	if (!facts->is_bad)
		return;
	if (!ex_host_sandbox(image)) {
		ex_rules_exclude(findings, verdict, "it did not run in a gVisor sandbox");
		return;
	}
	ex_host_find(&host, image);
	ex_fault_find(&fault, image);
	int is_unseen = !fault.event && ex_host_is_unseen(facts->processes, image);
	int is_refused = fault.event && (ex_fault_is_permitted(&fault) ||
					 (!fault.map && ex_rules_is_memory_fault(EX_EVENT(fault.event, crash)) &&
					  is_in_grown_heap(image, &fault)));
	if (!is_unseen && !is_refused)
		ex_rules_exclude(findings, verdict, not_refused(image, &fault));
	else if (is_unseen && (double)host.least < EX_HOST_NEAR * (double)host.limit)
		ex_rules_exclude(findings, verdict,
				 ex_format("nothing inside saw its end, but its growth took only %s",
					   ex_host_text(&host)));
	else
		add(findings, facts, &host, &fault, is_unseen);
}
