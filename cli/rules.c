/*
 * rules.c: the rules in order of precedence, and what they share. See rules.h. A rule either adds a candidate with
 * the numbers it rests on, or says in one clause why its cause is excluded. It runs nothing and guesses nothing.
 */
#include "rules.h"

#include "report.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_PAGE_BYTES 4096 /* the verdict table's words; no kernel lets programs map below it by default */

const struct ex_verdict_meta ex_verdicts[] = {
#define VERDICT(NAME, name, cause, evidence, confirm, control, advice) {name, cause, evidence, confirm, control, advice},
#include "verdicts.def"
#undef VERDICT
};

const char *ex_rules_text(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	return text;
}

void ex_rules_exclude(struct ex_findings *findings, enum ex_verdict verdict, const char *why)
{
	if (findings->excluded_count < sizeof(findings->excluded) / sizeof(findings->excluded[0]))
		findings->excluded[findings->excluded_count++] = (struct ex_exclusion){verdict, why};
}

void ex_rules_evidence(struct ex_candidate *candidate, const char *id, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	if (candidate->evidence_count == sizeof(candidate->evidence) / sizeof(candidate->evidence[0]))
		return;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	candidate->evidence[candidate->evidence_count++] = (struct ex_evidence){id, text};
}

const char *ex_rules_row_name(const struct ex_row *row)
{
	if (!row->place.module || !row->place.module_name || !row->place.module_name[0])
		return ex_rules_text("#%u", row->n);
	return ex_rules_text("%s+0x%llx", row->place.module_name, (unsigned long long)row->place.offset);
}

/* a fork child has its parent's writer, and is taught to leave by _exit: nothing of its own is lost */
static int leaves_without_writing(const struct ex_image *image)
{
	int is_own = 0;
	for (size_t i = 0; i < image->event_count && !is_own; i++)
		is_own = image->events[i]->meta->id == EX_EV_WRITER;
	return is_own && !image->writer_ran &&
	       (image->end == EX_END_FAST || image->end == EX_END_QUICK || image->end == EX_END_ABORT ||
		image->end == EX_END_SIGNAL);
}

unsigned ex_rules_lost_profiles(const struct ex_processes *processes)
{
	unsigned lost = 0;
	for (size_t i = 0; i < processes->count; i++)
		lost += leaves_without_writing(&processes->images[i]);
	return lost;
}

static int is_fault_signal(int signo)
{
	return signo == SIGSEGV || signo == SIGBUS || signo == SIGILL || signo == SIGFPE || signo == SIGTRAP ||
	       signo == SIGSYS || signo == SIGABRT;
}

static const char *frame_text(const struct ex_place *place)
{
	if (!place->module)
		return ex_rules_text("0x%llx, outside every module", (unsigned long long)place->address);
	return ex_rules_text(place->symbol ? "%s+0x%llx (%s)" : "%s+0x%llx", place->module_name,
			     (unsigned long long)place->offset, place->symbol);
}

static void describe_death(struct ex_findings *findings, const struct ex_facts *facts)
{
	const struct ex_image *image = facts->processes->judged;
	const struct ex_teardown *t = facts->teardown;
	const char *who = ex_rules_text("process %u (%s)", image->pid, image->exe ? image->exe : "?");

	findings->death = (struct ex_evidence){"death", NULL};
	findings->lost = (struct ex_evidence){"profile", NULL};
	if (leaves_without_writing(image))
		findings->lost.text = ex_rules_text("its LLVM profile writer was registered and did not run, so its "
						    "profile was lost with it");
	if (!image->crash) {
		if (image->end == EX_END_SIGNAL)
			findings->death.text = ex_rules_text("%s was ended by %s", who, ex_signal_name(image->signal));
		return;
	}
	const struct ex_ev_crash *crash = EX_EVENT(image->crash, crash);
	const char *where = t->crash_frames ? frame_text(&t->crash_stack[0]) :
					      ex_rules_text("0x%llx", (unsigned long long)crash->pc);
	const char *how = crash->code > 0 ? ex_rules_text("%s at address 0x%llx", ex_code_name(crash->signo, crash->code),
							  (unsigned long long)crash->address) :
					    ex_rules_text("sent by process %u", crash->sender);
	const char *during = "before any exit handler";
	if (t->crash_row)
		during = ex_rules_text("while #%u %s%s was running", t->crash_row->n, ex_rules_row_name(t->crash_row),
				       t->crash_row->kind == EX_ROW_PROFILE_WRITE ? " (the profile writer)" : "");
	else if (image->first_exit)
		during = "after exit had begun, in no exit handler";
	const struct ex_took *took = NULL;
	const struct ex_row *taker = ex_rules_taker(t, NULL, image->crash->time_ns, crash, &took);
	if (taker)
		findings->taken.text = ex_rules_text("the faulting address lies in 0x%llx-0x%llx, which went away during handler "
						     "#%u %s (%s)",
						     (unsigned long long)took->begin, (unsigned long long)took->end, taker->n,
						     ex_rules_row_name(taker), EX_KIND_TEXT(release, took->how));
	findings->death.text = ex_rules_text("%s died of %s (%s), pc %s, %s", who, ex_signal_name(crash->signo), how, where,
					     during);
}

static int writer_began(const struct ex_teardown *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].kind == EX_ROW_PROFILE_WRITE && t->rows[i].begin_ns &&
		    t->rows[i].outcome != EX_outcome_of_handler_SKIPPED)
			return 1;
	return 0;
}

static unsigned writers_ran(const struct ex_processes *processes)
{
	unsigned ran = 0;
	for (size_t i = 0; i < processes->count; i++)
		ran += processes->images[i].writer_ran != 0;
	return ran;
}

/* libc's own abort (a heap check) is not seen as abort(); its frame is on the stack. No stack: assume the worse */
static int is_abort_inside_libc(const struct ex_teardown *t, const struct ex_ev_crash *crash)
{
	if (crash->signo != SIGABRT)
		return 0;
	if (!t->crash_frames)
		return 1;
	for (int f = 0; f < t->crash_frames; f++)
		if (t->crash_stack[f].symbol && !strcmp(t->crash_stack[f].symbol, "abort"))
			return 1;
	return 0;
}

/* out of the program's own handler of a fault, by _exit, abort or the signal raised again: the fault is the cause */
static int left_from_fault_handler(const struct ex_image *image)
{
	const struct ex_event *end = image->crash ? image->crash : image->first_exit, *last = NULL;
	for (size_t i = 0; end && i < image->event_count && image->events[i] != end; i++) {
		const struct ex_event *event = image->events[i];
		int is_in_handler = event->meta->id == EX_EV_SIGACTION || event->meta->id == EX_EV_EXIT_BEGIN;
		if (event->tid == end->tid && !is_in_handler)
			last = event;
	}
	return last && last->meta->id == EX_EV_CRASH && EX_EVENT(last, crash)->code > 0 &&
	       is_fault_signal(EX_EVENT(last, crash)->signo) &&
	       EX_EVENT(last, crash)->disposition == EX_disposition_PROGRAM;
}

/* why profile-lost is not so, NULL when it may be; *how says in which way the process left */
static const char *not_lost(const struct ex_facts *facts, const char **how)
{
	const struct ex_image *image = facts->processes->judged;
	const struct ex_ev_crash *crash = image->crash ? EX_EVENT(image->crash, crash) : NULL;

	if (!image->has_writer)
		return "no LLVM profile writer was registered";
	if (image->writer_ran)
		return "the profile writer ran";
	if (!leaves_without_writing(image))
		return "the process did not leave by _exit, quick_exit, abort or a signal";
	if (writer_began(facts->teardown))
		return "the process died while the profile writer was running";
	if (facts->profiles > 0 && (unsigned)facts->profiles > writers_ran(facts->processes))
		return "a whole profile was found: the program had written it by itself";
	if (left_from_fault_handler(image))
		return "the process left from its own handler of a fault, which is the cause to look for";
	switch (image->end) {
	case EX_END_FAST:
		*how = image->exit_kind < 0 ? "a system call of its own" : "_exit()";
		return NULL;
	case EX_END_QUICK:
		*how = "quick_exit()";
		return NULL;
	case EX_END_ABORT:
		*how = "abort()";
		return NULL;
	default:
		break;
	}
	int signo = crash ? crash->signo : image->signal;
	*how = ex_rules_text("%s, which it was sent", ex_signal_name(signo));
	if (crash && crash->code > 0 && is_fault_signal(signo))
		return "the process died of a fault of its own; the lost profile is a consequence";
	if (crash && is_abort_inside_libc(facts->teardown, crash))
		return "the C library itself gave up (SIGABRT without a call of abort, as its heap checks do)";
	if (!crash && is_fault_signal(signo))
		return "the signal was not seen inside the process, so it is not known whether it was a fault or was sent";
	return NULL;
}

static void apply_profile_lost(struct ex_findings *findings, const struct ex_facts *facts)
{
	const char *how = NULL, *why = not_lost(facts, &how);
	const struct ex_image *image = facts->processes->judged;
	if (why) {
		ex_rules_exclude(findings, EX_VERDICT_PROFILE_LOST, why);
		return;
	}
	struct ex_candidate *c = &findings->candidates[findings->count++];
	memset(c, 0, sizeof(*c));
	c->verdict = EX_VERDICT_PROFILE_LOST;
	c->by_signal = image->end == EX_END_SIGNAL;
	c->cause = ex_rules_text("The process left by %s, so its LLVM profile writer never ran.", how);
	if (findings->death.text)
		c->evidence[c->evidence_count++] = findings->death;
	ex_rules_evidence(c, "writer", "process %u (%s) had registered an LLVM profile writer, and none ran before it left by %s",
			  image->pid, image->exe ? image->exe : "?", how);
	if (facts->profiles >= 0)
		ex_rules_evidence(c, "file", "%d whole raw profiles were found after the run, %u writers ran", facts->profiles,
				  writers_ran(facts->processes));
	unsigned lost = ex_rules_lost_profiles(facts->processes);
	if (lost > 1)
		ex_rules_evidence(c, "others", "%u processes of the command lost their profile in such a way", lost);
}

static const char *not_null(const struct ex_facts *facts)
{
	const struct ex_image *image = facts->processes->judged;
	const struct ex_teardown *t = facts->teardown;
	int inside;

	if (!image->crash)
		return "no fault was seen";
	const struct ex_ev_crash *crash = EX_EVENT(image->crash, crash);
	/* other codes carry no address: SI_KERNEL, for one, comes with 0 whatever was touched */
	if (crash->signo != SIGSEGV || (crash->code != SEGV_MAPERR && crash->code != SEGV_ACCERR))
		return "the process did not die of an access to an address that the kernel named";
	if (crash->address >= FIRST_PAGE_BYTES)
		return ex_rules_text("the faulting address 0x%llx is not in the first page", (unsigned long long)crash->address);
	if (ex_rules_writer_at_death(t, &inside) || t->crashed_in_flush)
		return "the fault was inside the profile writer, not in the program's own code";
	if (ex_rules_entry_frame(t, t->crash_frames, NULL) >= 0)
		return "the fault was inside an allocation function, not in the program's own code";
	if (image->first_exit && !t->crash_row && image->first_exit->tid != image->crash->tid)
		return "the fault was in another thread, after exit had begun";
	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].alive_after == EX_life_DEAD && t->alive_before != EX_life_DEAD)
			return ex_rules_text("the allocator had stopped working after exit handler #%u", t->rows[i].n);
	return NULL;
}

static void apply_null_dereference(struct ex_findings *findings, const struct ex_facts *facts)
{
	const char *why = not_null(facts);
	const struct ex_teardown *t = facts->teardown;
	if (why) {
		ex_rules_exclude(findings, EX_VERDICT_NULL_DEREFERENCE, why);
		return;
	}
	struct ex_candidate *c = &findings->candidates[findings->count++];
	memset(c, 0, sizeof(*c));
	c->verdict = EX_VERDICT_NULL_DEREFERENCE;
	c->evidence[c->evidence_count++] = findings->death;
	if (t->crash_frames)
		c->cause = ex_rules_text("%s used a null pointer: the fault is %llu bytes into the first page.",
					 frame_text(&t->crash_stack[0]),
					 (unsigned long long)EX_EVENT(facts->processes->judged->crash, crash)->address);
	if (findings->lost.text)
		c->evidence[c->evidence_count++] = findings->lost;
}

void ex_rules_apply(struct ex_findings *findings, const struct ex_facts *facts)
{
	memset(findings, 0, sizeof(*findings));
	if (!facts->processes->judged || facts->timed_out || facts->interrupted) {
		const char *why = facts->timed_out ? "the run was ended at --timeout, so how it ended says nothing" :
				  facts->interrupted ? "the run was interrupted" : "no process of the command could be observed";
		for (int v = 0; v < EX_VERDICT_HEALTHY; v++)
			ex_rules_exclude(findings, v, why);
		return;
	}
	describe_death(findings, facts);
	ex_rules_profile_after_teardown(findings, facts);
	apply_profile_lost(findings, facts);
	apply_null_dereference(findings, facts);
}
