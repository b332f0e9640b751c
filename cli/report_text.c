/*
 * report_text.c: the report for people: how it ended, the teardown as a table, the crash. Owns wording and layout;
 * must never hold back that something is not known.
 */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct page {
	FILE *out;
	const char *bold, *red, *dim, *plain;
};

const char *ex_duration_text(uint64_t ns)
{
	char *text;
	int length = ns < 1000		   ? asprintf(&text, "%" PRIu64 " ns", ns)
		     : ns < 1000000	   ? asprintf(&text, "%.1f us", (double)ns / 1e3)
		     : ns < 1000000000	   ? asprintf(&text, "%.2f ms", (double)ns / 1e6)
					   : asprintf(&text, "%.2f s", (double)ns / 1e9);
	return length < 0 ? "?" : text;
}

const char *ex_bytes_text(uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	char *text;
	double value = (double)bytes;
	unsigned unit = 0;
	for (; value >= 1024 && unit < 4; unit++)
		value /= 1024;
	int is_whole = value == (double)(uint64_t)value;
	return asprintf(&text, is_whole ? "%.0f %s" : "%.1f %s", value, units[unit]) < 0 ? "?" : text;
}

/* "32.1 MiB by munmap, 64 KiB by madvise" */
static const char *took_text(const struct ex_row *row)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return "";
	for (int how = EX_release_MUNMAP; how <= EX_release_GONE; how++) {
		uint64_t bytes = 0;
		for (size_t n = 0; n < row->took_count; n++)
			bytes += row->took[n].how == how ? row->took[n].end - row->took[n].begin : 0;
		if (bytes)
			fprintf(out, "%s%s %s%s", ftell(out) > 0 ? ", " : "", ex_bytes_text(bytes),
				how == EX_release_GONE ? "" : "by ", EX_KIND_TEXT(release, how));
	}
	fclose(out);
	return text;
}

static const char *command_text(const struct ex_image *image)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return image->exe;
	if (!image->argc)
		fputs(image->exe, out);
	for (int n = 0; n < image->argc; n++) {
		int is_plain = image->argv[n][0] && !strpbrk(image->argv[n], " \t\n'\"\\$&|;<>()*?#");
		fprintf(out, is_plain ? "%s%s" : "%s'%s'", n ? " " : "", image->argv[n]);
		if (ftell(out) > 200) {
			fputs(" …", out);
			break;
		}
	}
	fclose(out);
	return text;
}

const char *ex_end_words(const struct ex_image *image)
{
	char *text = NULL;
	int length = 0;
	switch (image->end) {
	case EX_END_EXIT:
		length = image->exit_kind == EX_exit_MAIN ? asprintf(&text, "main returned, exit status %d", image->status)
							  : asprintf(&text, "exit status %d", image->status);
		break;
	case EX_END_FAST:
		length = asprintf(&text, "left by _exit with status %d: exit handlers did not run", image->status);
		break;
	case EX_END_QUICK:
		length = asprintf(&text, "left by quick_exit with status %d: exit handlers did not run", image->status);
		break;
	case EX_END_ABORT:
		return "called abort()";
	case EX_END_SIGNAL:
		length = asprintf(&text, "died of %s", ex_signal_name(image->signal));
		break;
	case EX_END_EXEC:
		return "became another program by exec";
	case EX_END_VANISHED:
		return "vanished: nothing in the process saw its end, and nobody waited for it";
	case EX_END_RUNNING:
		return "still runs";
	}
	return length < 0 ? "?" : text;
}

static void headline(const struct page *page, const struct ex_report *report)
{
	const struct ex_image *image = report->image;
	int died = image->end == EX_END_SIGNAL || image->end == EX_END_ABORT;
	fprintf(page->out, "%s%s%s (process %u) %s%s%s\n", page->bold, command_text(image), page->plain, image->pid,
		died || image->is_bad ? page->red : page->bold, ex_end_words(image), page->plain);
	if (image->crash)
		for (size_t n = 0; n < report->explained_count; n++)
			fprintf(page->out, "  %s%s\n", n == 0 ? "" : "- ", report->explained[n]);
	if (image->is_bad == 1)
		fprintf(page->out, "  an LLVM profile writer was registered and did not run: its profile is lost\n");
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

static const char *row_name(const struct ex_row *row)
{
	char *text;
	const char *name = row->kind == EX_ROW_END ? "" : row->place.symbol ? row->place.symbol : "";
	int length;
	if (row->kind == EX_ROW_END || row->kind == EX_ROW_MAIN_END)
		length = asprintf(&text, "%s", name);
	else if (*name && row->place.source == EX_SYMBOL_INFERRED)
		length = asprintf(&text, "%s? (%s)", name, ex_place_module_offset(&row->place));
	else if (*name)
		length = asprintf(&text, "%s (%s)", name, row->place.module_name);
	else
		length = asprintf(&text, "%s", ex_place_module_offset(&row->place));
	return length < 0 ? "?" : text;
}

static const char *registrar(const struct ex_row *row)
{
	char *text;
	if (!row->registered_by.module)
		return "";
	if (!row->registered_by.symbol)
		return ex_place_module_offset(&row->registered_by);
	if (row->registered_by.module == row->place.module)
		return row->registered_by.symbol;
	return asprintf(&text, "%s (%s)", row->registered_by.symbol, row->registered_by.module_name) < 0 ? "?" : text;
}

/* what a row's turn came to, when it did not simply run */
static const char *remark(const struct ex_report *report, const struct ex_row *row)
{
	if (row->is_early_flush)
		return row == report->teardown.crash_row ? "early, by treatment flush; died here" : "early, by treatment flush";
	if (row == report->teardown.crash_row)
		return "died here";
	if (row->outcome > EX_outcome_of_handler_RAN)
		return EX_KIND_TEXT(outcome_of_handler, row->outcome);
	if (!row->end_ns && row->kind != EX_ROW_END)
		return "did not return";
	return "";
}

static int cell(FILE *out, const char *text, int width)
{
	int columns = 0;
	for (const char *t = text; *t; t++)
		columns += (*t & 0xC0) != 0x80;
	fputs(text, out);
	for (; columns < width; columns++)
		fputc(' ', out);
	return fputs("  ", out);
}

static int widest(int width, const char *text, int limit)
{
	int length = (int)strlen(text);
	return length > width ? (length > limit ? limit : length) : width;
}

static void timeline(const struct page *page, const struct ex_report *report)
{
	const struct ex_teardown *teardown = &report->teardown;
	uint64_t zero_ns = report->image->first_exit ? report->image->first_exit->time_ns : 0;
	int name_width = 4, by_width = 13, alive = teardown->alive_before;
	for (size_t n = 0; n < teardown->count; n++) {
		const struct ex_row *row = &teardown->rows[n];
		if (row->kind == EX_ROW_MAIN_END)
			zero_ns = row->begin_ns;
		name_width = widest(name_width, row_name(row), 52 - 2 * (int)row->depth) + 2 * (int)row->depth;
		by_width = widest(by_width, registrar(row), 36);
	}
	if (name_width > 56)
		name_width = 56;
	if (!zero_ns && teardown->count)
		zero_ns = teardown->rows[0].begin_ns;
	fprintf(page->out, "\n%s%4s  %10s  %9s  ", page->bold, "#", "at", "ran for");
	cell(page->out, "kind", 14);
	cell(page->out, "what", name_width);
	cell(page->out, "registered by", by_width);
	fprintf(page->out, "memory that went%s\n", page->plain);
	for (size_t n = 0; n < teardown->count; n++) {
		const struct ex_row *row = &teardown->rows[n];
		const char *note = remark(report, row), *took = took_text(row);
		char number[16], name[512];
		snprintf(number, sizeof(number), row->n ? "#%u" : "-", row->n);
		snprintf(name, sizeof(name), "%*s%s", 2 * (int)row->depth, "",
			 row->kind == EX_ROW_END ? ex_end_words(report->image) : row_name(row));
		int is_point = row->kind == EX_ROW_END || row->kind == EX_ROW_MAIN_END;
		fprintf(page->out, "%4s  %10s  %9s  ", number,
			row->begin_ns >= zero_ns ? ex_duration_text(row->begin_ns - zero_ns) : "before",
			is_point ? "" : row->end_ns ? ex_duration_text(row->end_ns - row->begin_ns) : "-");
		cell(page->out, ex_row_kind_text(row->kind), 14);
		if (row->kind == EX_ROW_END) {
			fprintf(page->out, "%s\n", name);
			continue;
		}
		cell(page->out, name, *note || *took || row->registered_by.module ? name_width : 0);
		if (*note || *took || row->registered_by.module)
			cell(page->out, registrar(row), *note || *took ? by_width : 0);
		fprintf(page->out, "%s%s%s%s%s\n", took, *note && *took ? "; " : "", *note ? page->red : "", note,
			*note ? page->plain : "");
		if (alive == EX_life_ALIVE && row->alive_after == EX_life_DEAD)
			fprintf(page->out, "%44s%sfrom here on malloc no longer works%s%s%s\n", "", page->red, page->plain,
				row->probe_signal ? ": tried in a copy, it died of " : "",
				row->probe_signal ? ex_signal_name(row->probe_signal) : "");
		if (row->alive_after >= 0)
			alive = row->alive_after;
	}
}

static void stack(const struct page *page, const struct ex_report *report)
{
	if (!report->image->crash)
		return;
	fprintf(page->out, "\n%sstack of thread %u at its death%s\n", page->bold, report->image->crash->tid, page->plain);
	for (int n = 0; n < report->teardown.crash_frames; n++)
		fprintf(page->out, "%4d  %s\n", n, ex_place_text(&report->teardown.crash_stack[n]));
}

static void allocators(const struct page *page, const struct ex_report *report)
{
	fputc('\n', page->out);
	for (size_t n = 0; n < report->allocator_count; n++) {
		const struct ex_allocator *one = &report->allocators[n];
		const char *slash = strrchr(one->module->path, '/');
		fprintf(page->out, "%s%s%s%s (%s, %s)", n ? ", " : "allocators: ", one->name, one->version ? " " : "",
			one->version ? one->version : "", one->how, slash ? slash + 1 : one->module->path);
	}
	if (report->allocator_count)
		fputc('\n', page->out);
	if (report->thread_count)
		fprintf(page->out, "threads alive when exit began, besides the exiting one: %zu\n", report->thread_count);
	for (size_t n = 0; n < report->thread_count && n < 8; n++)
		fprintf(page->out, "  %u in %s\n", report->threads[n].tid, ex_place_text(&report->threads[n].start));
}

static void losses(const struct page *page, const struct ex_report *report)
{
	const struct ex_trace *trace = report->processes->trace;
	const struct ex_ledger *ledger = trace->ledger;
	if (trace->lost) {
		fprintf(page->out, "%slost%s: %" PRIu64 " events", page->red, page->plain, trace->lost);
		if (ledger)
			fprintf(page->out, " (%" PRIu64 " for want of a file, %" PRIu64 " at the size limit, %" PRIu64
					   " too large, %" PRIu64 " during an interruption)",
				ledger->lost_no_file, ledger->lost_limit, ledger->lost_too_large, ledger->lost_reentry);
		fputs("; what is above may be incomplete\n", page->out);
	}
	if (trace->damaged)
		fprintf(page->out, "%sdamaged%s: %u stream files end in bytes that do not decode; what came before is kept\n",
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
	if (report->teardown.count > 1 || (report->teardown.count && report->teardown.rows[0].kind != EX_ROW_END))
		timeline(&page, report);
	else
		fprintf(out, "\nno teardown was seen: the process did not come to its exit handlers\n");
	stack(&page, report);
	allocators(&page, report);
	losses(&page, report);
}
