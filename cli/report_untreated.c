/*
 * report_untreated.c: treatments that were asked for and met nothing to treat: without a word, the run would pass for a
 * treated one. Must say why only where the trace tells it.
 */
#include "report.h"

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
	int point = EX_EVENT(event, salvaged)->point;
	return point != EX_point_WRITER && point != EX_point_DEATH;
}

static int is_salvage(const struct ex_event *event)
{
	return event->meta->id == EX_EV_SALVAGED;
}

/* KEY=VALUE of the image's settings, or a string without VALUE when it is not there or empty */
static const char *setting(const struct ex_image *image, const char *key, int *length)
{
	const char *at = image->options ? strstr(image->options, key) : NULL;
	*length = at ? (int)strcspn(at + 1, " ") : 0;
	return at && at[strlen(key)] && at[strlen(key)] != ' ' ? at + 1 : NULL;
}

static void say(const struct page *page, const struct ex_image *image, const char *key, const char *why)
{
	int length;
	const char *text = setting(image, key, &length);
	if (text)
		fprintf(page->out, "%s%.*s%s did not take place: %s\n", page->red, length, text, page->plain, why);
}

static const char *why_not_salvaged(const struct ex_report *report)
{
	const struct ex_profiles *profiles = &report->profiles;
	int is_continuous = 0;
	for (size_t n = 0; n < profiles->count; n++)
		is_continuous |= profiles->list[n].is_continuous;
	if (!report->image->has_writer)
		return is_continuous ? "in continuous mode no profile writer registers, and the file is there already"
				     : "no profile writer registered: nothing to salvage";
	if (report->image->end == EX_END_SIGNAL && report->image->signal == SIGKILL)
		return "SIGKILL leaves no time for it";
	if (report->image->is_fork && !report->image->writer_count)
		return "a fork child that left without running its exit handlers; its counts began as its parent's";
	return "the process ended in a way that the library did not see";
}

static void salvage(const struct page *page, const struct ex_report *report)
{
	if (!report->profiles.salvage_asked || has(report->image, is_salvage))
		return;
	if (ex_image_has_setting(report->image, "salvage", "yes"))
		say(page, report->image, " salvage=", why_not_salvaged(report));
	else
		say(page, report->image, " flush=", why_not_salvaged(report));
}

static void flush(const struct page *page, const struct ex_report *report)
{
	const char *why = "no profile writer waited for its turn at that point";
	int is_snapshot = ex_setting_begins(report->image, "flush", "signal:") ||
			  ex_setting_begins(report->image, "flush", "every:");
	if (!is_snapshot && !has(report->image, is_flush))
		say(page, report->image, " flush=", why);
}

static void value_profile(const struct page *page, const struct ex_report *report)
{
	if (report->profiles.placed)
		return;
	say(page, report->image, " value-profile=",
	    report->profiles.return_count ? "none of the functions could be made to return"
					  : "no function that records values was found; those of a stripped object are "
					    "named as value-profile=off,MODULE+0xOFFSET");
}

void ex_report_untreated_text(const struct ex_report *report, FILE *out, const char *red, const char *plain)
{
	const struct page page = {out, red, plain};
	const struct ex_image *image = report->image;
	if (image->end == EX_END_RUNNING || image->end == EX_END_EXEC)
		return;
	if (!has(image, is_skip))
		say(&page, image, " skip=", "no such handler came to its turn");
	flush(&page, report);
	salvage(&page, report);
	value_profile(&page, report);
}
