/*
 * rules_lost.c: the rule of profile-lost: a profile writer was registered and its turn never came. See rules.h. It must
 * not be given where a fault is the cause and the lost profile only its consequence.
 */
#include "rules.h"

#include "text.h"

#include <signal.h>
#include <string.h>

/* a fork child has its parent's writer, and is taught to leave by _exit: nothing of its own is lost */
int ex_rules_leaves_without_writing(const struct ex_image *image)
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
		lost += ex_rules_leaves_without_writing(&processes->images[i]);
	return lost;
}

static int is_fault_signal(int signo)
{
	return signo == SIGSEGV || signo == SIGBUS || signo == SIGILL || signo == SIGFPE || signo == SIGTRAP ||
	       signo == SIGSYS || signo == SIGABRT;
}

int ex_rules_writer_began(const struct ex_teardown *t)
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
		int id = event->meta->id;
		int is_in_handler = id == EX_EV_SIGACTION || id == EX_EV_EXIT_BEGIN || id == EX_EV_PROFILE ||
				    id == EX_EV_SALVAGED || id == EX_EV_UNREADABLE || id == EX_EV_MISREAD;
		if (event->tid == end->tid && !is_in_handler)
			last = event;
	}
	return last && last->meta->id == EX_EV_CRASH && EX_EVENT(last, crash)->code > 0 &&
	       is_fault_signal(EX_EVENT(last, crash)->signo) &&
	       EX_EVENT(last, crash)->disposition == EX_disposition_PROGRAM;
}

static int handler_at_abort(const struct ex_teardown *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].id && t->rows[i].outcome < 0 && t->rows[i].handler_kind != EX_handler_RTLD_FINI)
			return 1;
	return 0;
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
	if (!ex_rules_leaves_without_writing(image))
		return "the process did not leave by _exit, quick_exit, abort or a signal";
	if (ex_rules_writer_began(facts->teardown))
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
		/* an exit handler that gives up is the program's own crash, and the writer's turn would have come */
		if (handler_at_abort(facts->teardown))
			return "an exit handler of the program aborted, which is the cause to look for";
		*how = "abort()";
		return NULL;
	default:
		break;
	}
	int signo = crash ? crash->signo : image->signal;
	*how = ex_format("%s, which it was sent", ex_signal_name(signo));
	if (crash && crash->code > 0 && is_fault_signal(signo))
		return "the process died of a fault of its own; the lost profile is a consequence";
	if (crash && is_abort_inside_libc(facts->teardown, crash))
		return "the C library itself gave up (SIGABRT without a call of abort, as its heap checks do)";
	if (!crash && is_fault_signal(signo))
		return "the signal was not seen inside the process, so it is not known whether it was a fault or was "
		       "sent";
	return NULL;
}

void ex_rules_profile_lost(struct ex_findings *findings, const struct ex_facts *facts)
{
	const char *how = NULL, *why = not_lost(facts, &how);
	const struct ex_image *image = facts->processes->judged;
	if (why) {
		ex_rules_exclude(findings, EX_VERDICT_PROFILE_LOST, why);
		return;
	}
	struct ex_candidate *c = ex_rules_candidate(findings, EX_VERDICT_PROFILE_LOST);
	if (!c)
		return;
	if (!findings->death.text)
		c->evidence_count = 0;
	c->by_signal = image->end == EX_END_SIGNAL;
	c->cannot_salvage = c->by_signal && image->signal == SIGKILL;
	c->cause = ex_format("The process left by %s, so its LLVM profile writer never ran.", how);
	ex_rules_evidence(c, "writer",
			  "process %u (%s) had registered an LLVM profile writer, and none ran before it left by %s",
			  image->pid, image->exe ? image->exe : "?", how);
	if (facts->profiles >= 0)
		ex_rules_evidence(c, "file", "%d whole raw profiles were found after the run, %u writers ran",
				  facts->profiles, writers_ran(facts->processes));
	unsigned lost = ex_rules_lost_profiles(facts->processes);
	if (lost > 1)
		ex_rules_evidence(c, "others", "%u processes of the command lost their profile in such a way", lost);
	c->profile = ex_rules_mixed_profile(image);
	if (c->profile)
		ex_rules_say_layouts(c, c->profile);
}
