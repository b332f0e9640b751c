/*
 * report_untreated.c: treatments that were asked for and met nothing to treat: without a word, the run would pass for a
 * treated one. Must say why only where the trace tells it.
 */
#include "report.h"

#include "settings.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

struct page {
	FILE *out;
	const char *red, *plain;
};

static int has(const struct ex_image *image, int (*is_it)(const struct ex_event *event))
{
	for (size_t n = 0; n < image->event_count; n++)
		if (is_it(image->events[n]))
			return 1;
	return 0;
}

static int is_skip(const struct ex_event *event)
{
	return event->meta->id == EX_EV_HANDLER_END &&
	       EX_EVENT(event, handler_end)->how == EX_outcome_of_handler_SKIPPED;
}

/* with salvage the profile is written from memory at that point, and the writer is not called */
static int is_flush(const struct ex_event *event)
{
	if (event->meta->id == EX_EV_FLUSH_BEGIN)
		return 1;
	if (event->meta->id != EX_EV_SALVAGED)
		return 0;
	return EX_EVENT(event, salvaged)->point != EX_point_WRITER &&
	       EX_EVENT(event, salvaged)->point != EX_point_DEATH;
}

static int is_salvage(const struct ex_event *event)
{
	return event->meta->id == EX_EV_SALVAGED;
}

static void say(const struct page *page, const struct ex_image *image, const char *key, const char *why)
{
	const char *value = ex_settings_value(image->options, key);
	if (*value)
		fprintf(page->out, "%s%s=%s%s did not take place: %s\n", page->red, key, value, page->plain, why);
}

static const char *why_not_salvaged(const struct ex_report *report)
{
	const struct ex_profiles *profiles = &report->profiles;
	int is_continuous = 0;
	for (size_t n = 0; n < profiles->count; n++)
		is_continuous |= profiles->list[n].is_continuous;
	if (!report->image->has_writer)
		return is_continuous ? "in continuous mode (%c) no profile writer registers"
				     : "no profile writer registered: nothing to salvage";
	if (report->image->end == EX_END_SIGNAL && report->image->signal == SIGKILL)
		return "SIGKILL leaves no time for it";
	if (report->image->is_fork && !report->image->writer_count)
		return "a fork child that left without running its exit handlers; its counts began as its parent's";
	if (!report->image->crash && report->image->exit_kind < 0)
		return "the process ended in a way that the library does not see";
	return "the trace does not tell why";
}

/* flush=signal: and every: are salvage by another name: their last file is written at exit, whatever came before */
static void flush_or_salvage(const struct page *page, const struct ex_report *report)
{
	const struct ex_image *image = report->image;
	const char *flush = ex_settings_value(image->options, "flush");
	int is_salvage_set = !strcmp(ex_settings_value(image->options, "salvage"), "yes");
	int is_salvaged = has(image, is_salvage);
	/* what takes the snapshots is no process of the trace */
	if (!strncmp(flush, "every:", 6) && image->has_writer && !is_salvaged)
		fprintf(page->out,
			"%sflush=%s%s: no last file was written: %s; of snapshots before that the trace tells "
			"nothing\n",
			page->red, flush, page->plain, why_not_salvaged(report));
	else if (report->profiles.salvage_asked && !is_salvaged)
		say(page, image, is_salvage_set ? "salvage" : "flush", why_not_salvaged(report));
	else if (!has(image, is_flush) && (is_salvage_set || !report->profiles.salvage_asked))
		say(page, image, "flush", "no profile writer waited for its turn at that point");
}

static void value_profile(const struct page *page, const struct ex_report *report)
{
	const struct ex_profiles *profiles = &report->profiles;
	int is_found = 0;
	for (size_t n = 0; n < profiles->return_count; n++)
		is_found |= EX_EVENT(profiles->returns[n], returns)->result != EX_detour_ABSENT;
	if (!profiles->placed)
		say(page, report->image, "value-profile",
		    is_found ? "none of the functions could be made to return"
			     : "no function that records values was found; those of a stripped object are named as "
			       "value-profile=off,MODULE+0xOFFSET");
}

void ex_report_untreated_text(const struct ex_report *report, FILE *out, const char *red, const char *plain)
{
	const struct page page = {out, red, plain};
	const struct ex_image *image = report->image;
	if (image->end == EX_END_RUNNING || image->end == EX_END_EXEC)
		return;
	if (!has(image, is_skip))
		say(&page, image, "skip", "no such handler came to its turn");
	flush_or_salvage(&page, report);
	value_profile(&page, report);
}
