/*
 * report_watch.c: the writers of a watched word, for people and as JSON.
 */
#include "report.h"

#include "emit.h"
#include "text.h"
#include "watch.h"

#include <inttypes.h>

#define FIRST 4	 /* writes that are shown at the beginning, */
#define LAST 12	 /* and at the end */
#define FRAMES 8 /* of the last one */

static void one_text(FILE *out, const struct ex_report *report, const struct ex_write *write, int frames)
{
	fprintf(out, "  %6" PRIu64 "  %10s  thread %u  %s\n", write->n,
		ex_duration_text(write->time_ns - report->processes->trace->begin_ns), write->thread,
		ex_write_text(write));
	for (int n = 1; n < write->frame_count && n < frames; n++)
		fprintf(out, "          %-11s %s\n", n == 1 ? "called by" : "", ex_place_text(&write->frames[n]));
}

void ex_report_watch_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain)
{
	struct ex_watched w;
	ex_watched_find(&w, report->processes, report->image, report->symbols);
	if (!w.is_asked)
		return;
	if (!w.watch)
		fprintf(out, "\n%swatch%s: the word was never there, or never writable, in this process\n", bold,
			plain);
	else
		fprintf(out, "\n%swatch%s: %" PRIu64 " write%s to the %u bytes at 0x%" PRIx64 " (%s%s%s), seen by %s\n",
			bold, plain, w.count + w.skipped, w.count + w.skipped == 1 ? "" : "s", w.bytes, w.address,
			w.word, *w.place ? ", " : "", w.place, EX_KIND_TEXT(watch_by, w.by));
	for (size_t n = 0; n < w.note_count; n++)
		fprintf(out, "  %s: %s\n", EX_KIND_TEXT(watch_note, EX_EVENT(w.notes[n], watch_note)->note),
			w.notes[n]->tail[0].bytes);
	for (size_t n = 0; n < w.count; n++) {
		if (w.count > FIRST + LAST && n == FIRST) {
			n = w.count - LAST;
			fprintf(out, "  %" PRIu64 " between them%s\n", w.count + w.skipped - FIRST - LAST,
				w.skipped ? ex_format(", %" PRIu64 " of which were only counted", w.skipped)
					  : " (--json has them)");
		}
		one_text(out, report, &w.list[n], n + 1 == w.count ? FRAMES : 3);
	}
}

void ex_report_watch_json(const struct ex_report *report, struct ex_emit *emit)
{
	struct ex_watched w;
	ex_watched_find(&w, report->processes, report->image, report->symbols);
	if (!w.is_asked) {
		ex_emit_null(emit, "watch");
		return;
	}
	ex_emit_object(emit, "watch");
	ex_emit_bool(emit, "was_there", w.watch != NULL);
	ex_emit_text(emit, "word", w.word);
	ex_emit_text(emit, "place", w.place);
	ex_emit_hex(emit, "address", w.address);
	ex_emit_uint(emit, "bytes", w.bytes);
	ex_emit_text(emit, "by", w.watch ? EX_KIND_TEXT(watch_by, w.by) : "");
	ex_emit_uint(emit, "writes", w.count + w.skipped);
	ex_emit_uint(emit, "skipped", w.skipped);
	ex_emit_array(emit, "notes");
	for (size_t n = 0; n < w.note_count; n++) {
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "note", EX_KIND_TEXT(watch_note, EX_EVENT(w.notes[n], watch_note)->note));
		ex_emit_text(emit, "text", w.notes[n]->tail[0].bytes);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
	ex_emit_array(emit, "list");
	for (size_t n = 0; n < w.count; n++) {
		const struct ex_write *write = &w.list[n];
		ex_emit_object(emit, NULL);
		ex_emit_uint(emit, "n", write->n);
		ex_emit_uint(emit, "at_ns", write->time_ns - report->processes->trace->begin_ns);
		ex_emit_uint(emit, "thread", write->thread);
		ex_emit_text(emit, "writer", EX_KIND_TEXT(watch_writer, write->writer));
		ex_emit_text(emit, "text", ex_write_text(write));
		ex_emit_hex(emit, "before", write->before);
		ex_emit_hex(emit, "after", write->after);
		ex_emit_text(emit, "looks_like", write->looks_like);
		ex_emit_text(emit, "instruction", write->text);
		ex_emit_bool(emit, "is_behind", write->is_behind);
		ex_emit_text(emit, "syscall", write->syscall < 0 ? NULL : ex_syscall_name(write->syscall));
		ex_emit_text(emit, "call", write->call);
		ex_emit_array(emit, "frames");
		for (int f = 0; f < write->frame_count; f++)
			ex_emit_text(emit, NULL, ex_place_text(&write->frames[f]));
		ex_emit_end(emit);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
	ex_emit_end(emit);
}
