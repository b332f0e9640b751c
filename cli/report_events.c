/*
 * report_events.c: what happened last: the last events of each thread before the crash, and the last call that changed the memory.
 * For people (report --events) and as JSON. What is told of the crash itself is no event before it.
 */
#include "report.h"

#include "emit_process.h"
#include "text.h"
#include "who.h"

#include <inttypes.h>
#include <string.h>

#define EVENTS_MAX 64
#define TEXT_MAX 200
#define FRAMES_MAX 16

/* into list, the last first; those of one thread, before the crash */
static size_t last_events(const struct ex_report *report, uint32_t tid, const struct ex_event **list)
{
	const struct ex_image *image = report->image;
	size_t count = 0;
	for (size_t n = image->event_count; n-- > 0 && count < EVENTS_MAX;)
		if (image->events[n]->tid == tid && image->events[n]->time_ns < image->crash->time_ns)
			list[count++] = image->events[n];
	return count;
}

static uint64_t number(const unsigned char *at, const struct ex_field *field)
{
	uint64_t value = 0;
	memcpy(&value, at, ex_field_bytes(field->type));
	return field->type == EX_TYPE_i32 ? (uint64_t)(int64_t)(int32_t)value : value;
}

/* "call=mmap bytes=4096 caller=main+0x40 (app+0x1140)": what is zero, and pieces of memory, are left out */
static const char *event_text(const struct ex_report *report, const struct ex_event *event)
{
	const unsigned char *at = event->fixed;
	const char *text = "";
	int tail = 0;
	for (const struct ex_field *f = event->meta->fields; f->name && strlen(text) < TEXT_MAX; f++) {
		const char *blank = *text ? " " : "";
		if (f->type == EX_TYPE_blob || f->type == EX_TYPE_text) {
			const char *said = event->tail[tail++].bytes;
			if (f->type == EX_TYPE_text && said && *said)
				text = ex_format("%s%s%s=\"%.80s\"", text, blank, f->name, said);
			continue;
		}
		uint64_t value = number(at, f);
		at += ex_field_bytes(f->type);
		if (f->type == EX_TYPE_kind) {
			text = ex_format("%s%s%s=%s", text, blank, f->name, ex_kind_text(f->set, (int)value));
		} else if (f->type == EX_TYPE_ptr && value) {
			const struct ex_place place = ex_symbols_place(report->symbols, value, 0);
			text = place.module ? ex_format("%s%s%s=%s", text, blank, f->name, ex_place_text(&place))
					    : ex_format("%s%s%s=0x%" PRIx64, text, blank, f->name, value);
		} else if (value) {
			text = ex_format("%s%s%s=%" PRId64, text, blank, f->name, (int64_t)value);
		}
	}
	return text;
}

void ex_report_events_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain)
{
	const struct ex_event *list[EVENTS_MAX];
	for (size_t p = 0; report->shows_events && p < report->place_count; p++) {
		size_t count = last_events(report, report->places[p].tid, list);
		fprintf(out, "\n%slast %zu events of thread %u%s\n", bold, count, report->places[p].tid, plain);
		while (count-- > 0)
			fprintf(out, "  %10s before  %-16s %s\n",
				ex_duration_text(report->image->crash->time_ns - list[count]->time_ns),
				list[count]->meta->name, event_text(report, list[count]));
	}
}

void ex_report_events_json(const struct ex_report *report, uint32_t tid, struct ex_emit *emit)
{
	const struct ex_event *list[EVENTS_MAX];
	size_t count = last_events(report, tid, list);
	ex_emit_array(emit, "last_events");
	while (count-- > 0) {
		ex_emit_object(emit, NULL);
		ex_emit_uint(emit, "before_ns", report->image->crash->time_ns - list[count]->time_ns);
		ex_emit_text(emit, "event", list[count]->meta->name);
		ex_emit_text(emit, "text", event_text(report, list[count]));
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

/* vfork children that died: they have no image of their own, and their parent's end is another matter */
void ex_report_children_text(const struct ex_report *report, FILE *out)
{
	for (size_t n = 0; n < report->image->event_count; n++) {
		const struct ex_event *event = report->image->events[n];
		const struct ex_ev_crash *crash = EX_EVENT(event, crash);
		if (event->meta->id != EX_EV_CRASH || crash->disposition != EX_disposition_CHILD)
			continue;
		const char *who = ex_who_text(report->symbols, event);
		fprintf(out, "  a vfork child of it died of %s (%s at 0x%" PRIx64 ")%s%s\n",
			ex_signal_name(crash->signo), ex_code_name(crash->signo, crash->code), crash->address,
			who ? " in " : "", who ? who : "");
	}
}

void ex_report_children_json(const struct ex_report *report, struct ex_emit *emit)
{
	struct ex_place frames[FRAMES_MAX];
	ex_emit_array(emit, "vfork_crashes");
	for (size_t n = 0; n < report->image->event_count; n++) {
		const struct ex_event *event = report->image->events[n];
		const struct ex_ev_crash *crash = EX_EVENT(event, crash);
		if (event->meta->id != EX_EV_CRASH || crash->disposition != EX_disposition_CHILD)
			continue;
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "signal", ex_signal_name(crash->signo));
		ex_emit_text(emit, "code", ex_code_name(crash->signo, crash->code));
		ex_emit_hex(emit, "address", crash->address);
		ex_emit_frames(emit, "stack", frames, ex_who(report->symbols, event, frames, FRAMES_MAX));
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

/* the last growth of an allocator, else the last call of any kind that took memory; NULL */
static const struct ex_event *last_growth(const struct ex_report *report)
{
	const struct ex_image *image = report->image;
	const struct ex_event *other = NULL;
	for (size_t n = image->event_count; n-- > 0;) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id != EX_EV_GROWTH || event->time_ns > image->crash->time_ns)
			continue;
		if (EX_EVENT(event, growth)->n)
			return event;
		if (!other && (EX_EVENT(event, growth)->call == EX_memory_call_MMAP ||
			       EX_EVENT(event, growth)->call == EX_memory_call_MREMAP ||
			       EX_EVENT(event, growth)->call == EX_memory_call_BRK))
			other = event;
	}
	return other;
}

void ex_report_last_growth_text(const struct ex_report *report, FILE *out)
{
	const struct ex_event *event = report->image->crash ? last_growth(report) : NULL;
	if (!event)
		return;
	const struct ex_ev_growth *g = EX_EVENT(event, growth);
	const char *who = ex_who_text(report->symbols, event);
	fprintf(out, "  - the last growth before it: %s by %s, %s before, in thread %u%s%s%s%s\n",
		ex_bytes_text(g->bytes), EX_KIND_TEXT(memory_call, g->call),
		ex_duration_text(report->image->crash->time_ns - event->time_ns), event->tid, who ? ": " : "",
		who ? who : "", g->error ? "; refused: " : "", g->error ? strerror(g->error) : "");
}

void ex_report_last_growth_json(const struct ex_report *report, struct ex_emit *emit)
{
	struct ex_place frames[FRAMES_MAX];
	const struct ex_event *event = last_growth(report);
	if (!event) {
		ex_emit_null(emit, "last_growth");
		return;
	}
	const struct ex_ev_growth *g = EX_EVENT(event, growth);
	ex_emit_object(emit, "last_growth");
	ex_emit_uint(emit, "before_ns", report->image->crash->time_ns - event->time_ns);
	ex_emit_uint(emit, "thread", event->tid);
	ex_emit_text(emit, "call", EX_KIND_TEXT(memory_call, g->call));
	ex_emit_hex(emit, "begin", g->begin);
	ex_emit_uint(emit, "bytes", g->bytes);
	ex_emit_int(emit, "errno", g->error);
	ex_emit_frames(emit, "stack", frames, ex_who(report->symbols, event, frames, FRAMES_MAX));
	ex_emit_end(emit);
}
