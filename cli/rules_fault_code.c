/*
 * rules_fault_code.c: the rule of misreported-fault-code: gVisor before 2026-01-26 says of a page without access that
 * nothing is mapped there. See rules.h. Who uses such pages on purpose (a collector's safepoint, a guard) tells them by that
 * code, and takes the fault for a wild pointer's. From outside a handler that ends the process whatever the code looks the
 * same, so that an arm must cure.
 */
#include "rules.h"

#include "fault.h"
#include "host.h"
#include "text.h"

#include <signal.h>
#include <string.h>

static const char *not_this(const struct ex_fault *fault)
{
	if (!fault->event)
		return "its end was no fault that was seen";
	const struct ex_ev_crash *crash = EX_EVENT(fault->event, crash);
	if (!ex_fault_is_without_access(fault))
		return "it faulted on no page without access";
	if (crash->signo != SIGSEGV || crash->code != SEGV_MAPERR)
		return "the fault was reported as Linux reports it";
	if (!fault->is_handled)
		return "no handler of the program's own saw the fault: on Linux it would have died of it too";
	return NULL;
}

void ex_rules_fault_code(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_MISREPORTED_FAULT_CODE;
	const struct ex_image *image = facts->processes->judged;
	struct ex_fault fault;
	if (!facts->is_bad)
		return;
	ex_fault_find(&fault, image);
	const char *why = ex_host_sandbox(image) ? not_this(&fault) : "it did not run in a gVisor sandbox";
	if (why) {
		ex_rules_exclude(findings, verdict, why);
		return;
	}
	struct ex_candidate *c = ex_rules_candidate(findings, verdict);
	if (!c)
		return;
	const struct ex_ev_crash *crash = EX_EVENT(fault.event, crash);
	c->doubt = "a handler that ends the process whatever the code looks the same";
	ex_rules_evidence(c, "mapping",
			  "the map has %s at the faulting address 0x%llx, and the code was SEGV_MAPERR: "
			  "\"nothing is mapped there\"; Linux says SEGV_ACCERR",
			  ex_fault_mapping_text(fault.map, ""), (unsigned long long)crash->address);
	ex_rules_evidence(c, "handled", "a handler of the program's own saw that fault in thread %u, %s before the end",
			  fault.event->tid, ex_duration_text(fault.lived_ns));
	if (findings->lost.text)
		ex_rules_evidence(c, findings->lost.id, "%s", findings->lost.text);
}
