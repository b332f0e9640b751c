/*
 * treated.c: whether an arm's treatment took place in a run of it. What did not take place proves nothing: such a run
 * must not count. It must never depend on how the run ended, or the runs that count would be chosen by their outcome.
 */
#include "arms.h"

#include "foreign.h"
#include "refusal.h"

#include <string.h>

static int has_flush(const struct ex_event *event)
{
	return event->meta->id == EX_EV_FLUSH_BEGIN;
}

static int has_skip(const struct ex_event *event)
{
	return event->meta->id == EX_EV_HANDLER_END &&
	       EX_EVENT(event, handler_end)->how == EX_outcome_of_handler_SKIPPED;
}

static int has_kept(const struct ex_event *event)
{
	return event->meta->id == EX_EV_KEPT;
}

static int has_parked(const struct ex_event *event)
{
	return event->meta->id == EX_EV_PARKED && EX_EVENT(event, parked)->result == EX_parked_YES;
}

static int has_not_parked(const struct ex_event *event)
{
	return event->meta->id == EX_EV_PARKED && EX_EVENT(event, parked)->result == EX_parked_NO;
}

static int has_dlclose(const struct ex_event *event)
{
	return event->meta->id == EX_EV_DLCLOSE;
}

static int has_event(const struct ex_processes *processes, int (*is_it)(const struct ex_event *event))
{
	for (size_t i = 0; i < processes->trace->count; i++)
		if (is_it(&processes->trace->events[i]))
			return 1;
	return 0;
}

/* a process said that it cannot honour that key */
static int is_declined(const struct ex_processes *processes, const char *treatment)
{
	size_t key_bytes = strcspn(treatment, "=");
	for (size_t i = 0; i < processes->trace->count; i++) {
		const struct ex_event *event = &processes->trace->events[i];
		if (event->meta->id == EX_EV_REFUSED && !strncmp(event->tail[0].bytes, treatment, key_bytes) &&
		    event->tail[0].bytes[key_bytes] == '=')
			return 1;
	}
	return 0;
}

int ex_run_is_treated(const struct ex_arm *arm, const struct ex_run *run)
{
	struct ex_foreign foreign;
	switch (arm->treated) {
	case EX_TREATED_FLUSHED:
		return has_event(run->processes, has_flush);
	case EX_TREATED_SKIPPED:
		return has_event(run->processes, has_skip);
	case EX_TREATED_ACCEPTED:
		return !is_declined(run->processes, arm->treatment);
	case EX_TREATED_KEPT:
		return has_event(run->processes, has_kept);
	case EX_TREATED_PARKED:
		return has_event(run->processes, has_parked) && !has_event(run->processes, has_not_parked);
	case EX_TREATED_PINNED:
		return has_event(run->processes, has_dlclose) && !is_declined(run->processes, arm->treatment);
	case EX_TREATED_FOREIGN:
		return ex_foreign_find(&foreign, run->processes, arm->amount);
	case EX_TREATED_GRANTED:
		return !is_declined(run->processes, arm->treatment) && !ex_refusals_reach(run->processes, arm->amount);
	case EX_TREATED_MORE:
		return !is_declined(run->processes, arm->treatment) && run->contention.most_arenas > arm->amount;
	default:
		return 1;
	}
}
