/*
 * report_places.c: where every thread was when the process died, for people and as JSON. See places.h.
 */
#include "report.h"

#include "emit_process.h"
#include "text.h"

#include <string.h>

/* the first function outside the object that the innermost is in: who had called libc, mostly */
static const struct ex_place *caller(const struct ex_thread_at *thread)
{
	for (int n = 1; n < thread->frame_count; n++)
		if (thread->frames[n].module && thread->frames[n].module != thread->frames[0].module)
			return &thread->frames[n];
	return NULL;
}

void ex_report_places_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain)
{
	if (report->place_count < 2)
		return;
	fprintf(out, "\n%swhere the threads were at that moment%s\n", bold, plain);
	for (size_t n = 0; n < report->place_count; n++) {
		const struct ex_thread_at *thread = &report->places[n];
		const struct ex_place *by = caller(thread);
		const char *arena = ex_places_arena(thread);
		fprintf(out, "  %u%s%s%s %s %s", thread->tid, thread->name && *thread->name ? " (" : "",
			thread->name ? thread->name : "", thread->name && *thread->name ? ")" : "",
			thread->is_dying ? "died in" : "in",
			thread->frame_count ? ex_place_text(&thread->frames[0]) : "a place that is not known");
		if (by)
			fprintf(out, ", called by %s", ex_place_text(by));
		if (arena)
			fprintf(out, "; arena %s", arena);
		fputc('\n', out);
	}
}

void ex_report_places_json(const struct ex_report *report, struct ex_emit *emit)
{
	static const struct ex_place nowhere = {.module_name = ""};
	ex_emit_array(emit, "threads");
	for (size_t n = 0; n < report->place_count; n++) {
		const struct ex_thread_at *thread = &report->places[n];
		ex_emit_object(emit, NULL);
		ex_emit_uint(emit, "thread", thread->tid);
		ex_emit_text(emit, "name", thread->name && *thread->name ? thread->name : NULL);
		ex_emit_bool(emit, "died", thread->is_dying);
		ex_emit_place(emit, thread->frame_count ? &thread->frames[0] : &nowhere);
		ex_emit_text(emit, "arena", ex_places_arena(thread));
		ex_emit_frames(emit, "stack", thread->frames, thread->frame_count);
		ex_report_events_json(report, thread->tid, emit);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}
