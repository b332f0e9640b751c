/*
 * treated.c: whether an arm's treatment took place in a run of it. What did not take place proves nothing: such a run
 * must not count. It must never depend on how the run ended, or the runs that count would be chosen by their outcome.
 */
#include "arms.h"

#include "foreign.h"
#include "meta.h"
#include "profiles.h"
#include "refusal.h"
#include "text.h"

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

static int has_quarantined(const struct ex_event *event)
{
	return event->meta->id == EX_EV_QUARANTINED;
}

static int has_full(const struct ex_event *event)
{
	return event->meta->id == EX_EV_QUARANTINE_FULL;
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

/* the option that text begins to set, -1 */
static int option_at(const char *text)
{
	size_t length = strcspn(text, "= ");
	for (int i = 0; text[length] == '=' && ex_options[i].name; i++)
		if (strlen(ex_options[i].name) == length && !strncmp(ex_options[i].name, text, length))
			return i;
	return -1;
}

const char *ex_treatment_next(const char *treatment, int *option, const char **value)
{
	*option = option_at(treatment);
	if (*option < 0)
		return NULL;
	const char *begin = strchr(treatment, '=') + 1, *end = begin + strcspn(begin, " ");
	while (*end && option_at(end + 1) < 0) /* a blank in a file's name */
		end += 1 + strcspn(end + 1, " ");
	*value = ex_format("%.*s", (int)(end - begin), begin);
	return *end ? end + 1 : end;
}

/* a process said that it cannot honour one of its settings */
static int is_declined(const struct ex_processes *processes, const char *treatment)
{
	const char *value;
	for (int option; (treatment = ex_treatment_next(treatment, &option, &value));) {
		const char *key = ex_options[option].name;
		for (size_t i = 0; i < processes->trace->count; i++) {
			const struct ex_event *event = &processes->trace->events[i];
			if (event->meta->id == EX_EV_REFUSED && !strncmp(event->tail[0].bytes, key, strlen(key)) &&
			    event->tail[0].bytes[strlen(key)] == '=')
				return 1;
		}
	}
	return 0;
}

static int has_returns(const struct ex_event *event)
{
	return event->meta->id == EX_EV_RETURNS && EX_EVENT(event, returns)->result == EX_detour_PLACED;
}

/* a ballast was made, and none is smaller than it should be */
static int has_ballast(const struct ex_processes *processes)
{
	int is_made = 0;
	for (size_t i = 0; i < processes->trace->count; i++) {
		const struct ex_event *event = &processes->trace->events[i];
		if (event->meta->id != EX_EV_BALLAST)
			continue;
		if (EX_EVENT(event, ballast)->made < EX_EVENT(event, ballast)->wanted)
			return 0;
		is_made = 1;
	}
	return is_made;
}

/* A file of a profile could not be written. A process that died before there was one to write is treated: it would be
 * chosen by its outcome */
static int has_failed_salvage(const struct ex_processes *processes)
{
	for (size_t i = 0; i < processes->count; i++) {
		struct ex_profiles profiles;
		ex_profiles_build(&profiles, &processes->images[i]);
		for (size_t n = 0; n < profiles.count; n++)
			if (profiles.list[n].salvaged && !profiles.list[n].kept)
				return 1;
	}
	return 0;
}

static int has_site(const struct ex_processes *processes, uint64_t id)
{
	for (size_t i = 0; i < processes->trace->count; i++) {
		const struct ex_event *event = &processes->trace->events[i];
		if (event->meta->id == EX_EV_SITE && EX_EVENT(event, site)->id == id)
			return 1;
	}
	return 0;
}

static int has_watch(const struct ex_event *event)
{
	return event->meta->id == EX_EV_WATCH;
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
	case EX_TREATED_SALVAGED:
		return !is_declined(run->processes, arm->treatment) && !has_failed_salvage(run->processes);
	case EX_TREATED_RETURNS:
		return has_event(run->processes, has_returns) && !is_declined(run->processes, arm->treatment) &&
		       !has_failed_salvage(run->processes);
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
	case EX_TREATED_BALLAST:
		return !is_declined(run->processes, arm->treatment) && has_ballast(run->processes);
	case EX_TREATED_QUARANTINED:
		return has_event(run->processes, has_quarantined) && !has_event(run->processes, has_full) &&
		       !is_declined(run->processes, arm->treatment);
	case EX_TREATED_GUARDED:
		return !is_declined(run->processes, arm->treatment) && has_site(run->processes, arm->amount);
	case EX_TREATED_WATCHED:
		return !is_declined(run->processes, arm->treatment) && has_event(run->processes, has_watch);
	case EX_TREATED_MORE:
		return !is_declined(run->processes, arm->treatment) && run->contention.most_arenas > arm->amount;
	default:
		return 1;
	}
}
