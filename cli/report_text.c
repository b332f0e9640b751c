/*
 * report_text.c: the report for people: how it ended, the teardown as a table, the crash. Owns wording and layout;
 * must never hold back that something is not known.
 */
#include "report.h"

#include "settings.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct page {
	FILE *out;
	const char *bold, *red, *dim, *plain;
};

static void headline(const struct page *page, const struct ex_report *report)
{
	const struct ex_image *image = report->image;
	int died = image->end == EX_END_SIGNAL || image->end == EX_END_ABORT;
	fprintf(page->out, "%s%s%s (process %u) %s%s%s\n", page->bold, ex_command_text(image), page->plain, image->pid,
		died || image->is_bad ? page->red : page->bold, ex_end_words(image), page->plain);
	if (image->crash)
		for (size_t n = 0; n < report->explained_count; n++)
			fprintf(page->out, "  %s%s\n", n == 0 ? "" : "- ", report->explained[n]);
	ex_report_last_growth_text(report, page->out);
	ex_report_children_text(report, page->out);
	if (image->is_bad == 1)
		fprintf(page->out, "  an LLVM profile writer was registered and did not run: %s\n",
			strncmp(ex_settings_value(image->options, "flush"), "every:", 6) == 0
				? "what was counted since the last snapshot is lost"
				: "its profile is lost");
	if (image->end == EX_END_VANISHED && image->first_exit)
		fprintf(page->out, "  its exit had begun; the last thing it said is the last row below\n");
}

static void others(const struct page *page, const struct ex_report *report)
{
	const struct ex_processes *all = report->processes;
	size_t shown = 0, left = 0;
	for (int want_bad = 1; want_bad >= 0; want_bad--) /* what ended badly is told first */
		for (size_t n = 0; n < all->count; n++) {
			const struct ex_image *image = &all->images[n];
			const char *slash = strrchr(image->exe, '/');
			if (image == report->image || (image->is_bad > 0) != want_bad)
				continue;
			if (shown == 8) {
				left++;
				continue;
			}
			fprintf(page->out, "%s%u %s (", shown++ ? ", " : "also in the trace: ", image->pid,
				slash ? slash + 1 : image->exe);
			if (image->signal)
				fprintf(page->out, "%s%s%s", page->red, ex_signal_name(image->signal), page->plain);
			else if (image->end == EX_END_EXIT || image->end == EX_END_FAST || image->end == EX_END_QUICK)
				fprintf(page->out, "%s %d", ex_end_text(image->end), image->status);
			else
				fputs(ex_end_text(image->end), page->out);
			fputc(')', page->out);
		}
	if (left)
		fprintf(page->out, " and %zu more", left);
	if (shown)
		fprintf(page->out, "; --pid N reports another\n");
}

/* what a row's turn came to, when it did not simply run */
static const char *remark(const struct ex_report *report, const struct ex_row *row)
{
	if (row->is_early_flush)
		return row == report->teardown.crash_row ? "early, by treatment flush; died here"
							 : "early, by treatment flush";
	if (row == report->teardown.crash_row)
		return "died here";
	if (row->outcome == EX_outcome_of_handler_DEFERRED || row->outcome == EX_outcome_of_handler_MOVED) {
		const struct ex_row *moved = ex_row_moved_to(&report->teardown, row);
		return moved ? ex_format("%s, as #%u", EX_KIND_TEXT(outcome_of_handler, row->outcome), moved->n)
			     : EX_KIND_TEXT(outcome_of_handler, row->outcome);
	}
	if (row->outcome > EX_outcome_of_handler_RAN)
		return EX_KIND_TEXT(outcome_of_handler, row->outcome);
	if (!row->end_ns && row->kind != EX_ROW_END)
		return ex_departure_fate(&report->departure, &report->teardown, row,
					 !report->processes->trace->lost && !report->processes->trace->damaged);
	return "";
}

static int columns_of(const char *text)
{
	int columns = 0;
	for (; *text; text++)
		columns += (*text & 0xC0) != 0x80;
	return columns;
}

struct table {
	int name, by; /* widths of the two columns that depend on what is in them */
};

/* the last column's text may be empty: then nothing is padded, so that no line ends in blanks */
static void line(const struct page *page, const struct table *table, const char *name, const char *by, const char *rest)
{
	int name_pad = table->name - columns_of(name), by_pad = table->by - columns_of(by);
	fputs(name, page->out);
	if (*by || *rest)
		fprintf(page->out, "%*s  %s", name_pad > 0 ? name_pad : 0, "", by);
	if (*rest)
		fprintf(page->out, "%*s  %s", by_pad > 0 ? by_pad : 0, "", rest);
	fputc('\n', page->out);
}

static const char *indented(const struct ex_row *row)
{
	return ex_format("%*s%s", 2 * (int)row->depth, "", ex_row_name(row));
}

static int wider(int width, const char *text, int limit)
{
	int columns = columns_of(text);
	return columns <= width ? width : columns < limit ? columns : limit;
}

/* the row after which the allocator was first found dead: the one that ended first, of those that nest */
static const struct ex_row *first_dead(const struct ex_teardown *teardown)
{
	const struct ex_row *first = NULL;
	for (size_t n = 0; teardown->alive_before == EX_life_ALIVE && n < teardown->count; n++) {
		const struct ex_row *row = &teardown->rows[n];
		if (row->alive_after == EX_life_DEAD && row->end_ns && (!first || row->end_ns < first->end_ns))
			first = row;
	}
	return first;
}

/* no row: no handler that could be skipped, and no event of its own */
static void stdio_line(const struct page *page, const struct ex_report *report, const struct table *table,
		       uint64_t zero_ns)
{
	const struct ex_departure *departure = &report->departure;
	if (!departure->stdio_ns)
		return;
	fprintf(page->out, "%4s  %10s  %9s  %-14s  ", "",
		departure->stdio_ns >= zero_ns ? ex_duration_text(departure->stdio_ns - zero_ns) : "before",
		ex_duration_text(departure->left_ns - departure->stdio_ns), "");
	line(page, table, "stdio flush (_IO_cleanup): between the last handler and the kernel", "", "");
}

static void timeline(const struct page *page, const struct ex_report *report)
{
	const struct ex_teardown *teardown = &report->teardown;
	const struct ex_row *dead = first_dead(teardown);
	uint64_t zero_ns = report->image->first_exit ? report->image->first_exit->time_ns : teardown->rows[0].begin_ns;
	struct table table = {20, 13};
	for (size_t n = 0; n < teardown->count; n++) {
		const struct ex_row *row = &teardown->rows[n];
		if (row->kind == EX_ROW_MAIN_END)
			zero_ns = row->begin_ns;
		if (row->kind == EX_ROW_END)
			continue;
		table.name = wider(table.name, indented(row), 56);
		table.by = wider(table.by, ex_row_registrar(row), 40);
	}
	fprintf(page->out, "\n%s%4s  %10s  %9s  %-14s  ", page->bold, "#", "at", "ran for", "kind");
	line(page, &table, "what", "registered by", "memory gone");
	fputs(page->plain, page->out);
	for (size_t n = 0; n < teardown->count; n++) {
		const struct ex_row *row = &teardown->rows[n];
		const char *note = remark(report, row), *took = ex_took_text(row), *whose = ex_whose_text(row);
		int is_end = row->kind == EX_ROW_END, is_point = is_end || row->kind == EX_ROW_MAIN_END;
		char number[16], rest[512];
		snprintf(number, sizeof(number), row->n ? "#%u" : "-", row->n);
		snprintf(rest, sizeof(rest), "%s%s%s%s%s%s%s", took, *took && *whose ? ", " : "", *took ? whose : "",
			 *note && *took ? "; " : "", *note ? page->red : "", note, *note ? page->plain : "");
		if (is_end)
			stdio_line(page, report, &table, zero_ns);
		fprintf(page->out, "%4s  %10s  %9s  %-14s  ", number,
			row->begin_ns >= zero_ns ? ex_duration_text(row->begin_ns - zero_ns) : "before",
			is_point      ? ""
			: row->end_ns ? ex_duration_text(row->end_ns - row->begin_ns)
				      : "-",
			ex_row_kind_text(row->kind));
		line(page, &table, is_end ? ex_end_words(report->image) : indented(row), ex_row_registrar(row), rest);
		if (row == dead)
			fprintf(page->out, "%45s%smalloc no longer works after #%u%s%s%s\n", "", page->red, row->n,
				page->plain, row->probe_signal ? "; tried in a copy of the process, it died of " : "",
				row->probe_signal ? ex_signal_name(row->probe_signal) : "");
	}
}

static void stack(const struct page *page, const struct ex_report *report)
{
	if (!report->image->crash)
		return;
	fprintf(page->out, "\n%sstack of thread %u at its death%s\n", page->bold, report->image->crash->tid,
		page->plain);
	for (int n = 0, shown = 0; n < report->teardown.crash_frames; n++) {
		const struct ex_place *frame = &report->teardown.crash_stack[n];
		if (!n ||
		    !ex_place_is_ours(
			    frame)) /* the frames between a handler and its caller are the observer's, not the program's */
			fprintf(page->out, "%4d  %s\n", shown++, ex_place_text(frame));
	}
}

static void allocators(const struct page *page, const struct ex_report *report)
{
	fputc('\n', page->out);
	for (size_t n = 0; n < report->allocator_count; n++) {
		const struct ex_allocator *one = &report->allocators[n];
		const char *slash = strrchr(one->module->path, '/');
		const char *module = slash ? slash + 1 : one->module->path;
		fprintf(page->out, "%s%s%s%s (%s", n ? ", " : "allocators: ", one->name, one->version ? " " : "",
			one->version ? one->version : "", one->how);
		if (strcmp(module, one->name) != 0)
			fprintf(page->out, ", %s", module);
		const char *calls = ex_calls_of(&report->calls, one->module);
		fputs(calls && strcmp(calls, "counted") != 0 && strcmp(one->name, "glibc") != 0
			      ? ", its calls are not visible)"
			      : ")",
		      page->out);
	}
	if (report->allocator_count)
		fputc('\n', page->out);
	ex_report_threads_text(report, page->out);
	ex_report_late_text(report, page->out);
	ex_report_entered_text(report, page->out);
}

static void losses(const struct page *page, const struct ex_report *report)
{
	const struct ex_trace *trace = report->processes->trace;
	const struct ex_ledger *ledger = trace->ledger;
	if (trace->lost) {
		fprintf(page->out, "%slost%s: %" PRIu64 " events", page->red, page->plain, trace->lost);
		const char *mark = " (";
		const struct {
			uint64_t count;
			const char *why;
		} parts[] = {{ledger ? ledger->lost_no_file : 0, "for want of a file"},
			     {ledger ? ledger->lost_limit : 0, "at the size limit"},
			     {ledger ? ledger->lost_too_large : 0, "too large"},
			     {ledger ? ledger->lost_reentry : 0, "during an interruption"}};
		for (size_t n = 0; n < sizeof(parts) / sizeof(*parts); n++)
			if (parts[n].count) {
				fprintf(page->out, "%s%" PRIu64 " %s", mark, parts[n].count, parts[n].why);
				mark = ", ";
			}
		if (*mark == ',')
			fputc(')', page->out);
		fputs("; what is above may be incomplete\n", page->out);
	}
	if (trace->damaged)
		fprintf(page->out,
			"%sdamaged%s: %u stream files end in bytes that do not decode; what came before is kept\n",
			page->red, page->plain, trace->damaged);
	for (size_t n = 0; n < report->image->event_count; n++) {
		const struct ex_event *event = report->image->events[n];
		if (event->meta->id == EX_EV_REFUSED)
			fprintf(page->out, "%snot honoured%s: %s (%s)\n", page->red, page->plain, event->tail[0].bytes,
				EX_KIND_TEXT(refusal, EX_EVENT(event, refused)->why));
	}
}

void ex_report_text(const struct ex_report *report, FILE *out, int is_colour)
{
	struct page page = {out, is_colour ? "\033[1m" : "", is_colour ? "\033[31m" : "", is_colour ? "\033[2m" : "",
			    is_colour ? "\033[0m" : ""};
	headline(&page, report);
	others(&page, report);
	ex_report_blocks_text(report, out, page.bold, page.plain);
	if (report->teardown.count > 1 || (report->teardown.count && report->teardown.rows[0].kind != EX_ROW_END))
		timeline(&page, report);
	else if (report->image->end == EX_END_RUNNING)
		fprintf(out, "\nno teardown so far\n");
	else
		fprintf(out, "\nno teardown was seen: the process did not come to its exit handlers\n");
	ex_report_exit_text(report, out);
	stack(&page, report);
	ex_report_registers_text(report, out, page.bold, page.plain);
	uint64_t address;
	if (ex_report_fault_address(report, &address))
		ex_report_history_text(report, address, out, page.bold, page.plain);
	ex_report_code_text(report, out, page.bold, page.plain);
	ex_report_watch_text(report, out, page.bold, page.plain);
	ex_report_places_text(report, out, page.bold, page.plain);
	ex_report_events_text(report, out, page.bold, page.plain);
	ex_report_suspects_text(report, out, page.bold, page.plain);
	ex_report_profiles_text(report, out);
	allocators(&page, report);
	ex_growth_text(&report->growth, out, is_colour);
	ex_calls_text(&report->calls, out, is_colour);
	ex_report_untreated_text(report, out, page.red, page.plain);
	losses(&page, report);
}
