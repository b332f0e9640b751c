/*
 * report_exit.c: the parts of the report for people that stand around the timeline: who asked for the end, the threads
 * that were there, what came after the allocator was done.
 */
#include "report.h"

#include "text.h"

#include <inttypes.h>
#include <string.h>

#define LINES_MAX 8

static int is_exit(const struct ex_exit_call *call)
{
	return call->event->meta->id == EX_EV_EXIT_BEGIN && (EX_EVENT(call->event, exit_begin)->kind == EX_exit_MAIN ||
							     EX_EVENT(call->event, exit_begin)->kind == EX_exit_EXIT);
}

static const char *from(const struct ex_place *place)
{
	return place->address ? ex_format(" from %s", ex_place_text(place)) : "";
}

void ex_report_exit_text(const struct ex_report *report, FILE *out)
{
	const struct ex_departure *departure = &report->departure;
	int was_asked = 0, shown = 0;
	uint64_t kept_bytes = 0, kept = 0;
	if (departure->left_ns)
		fprintf(out, "%s from %s to the kernel\n", ex_duration_text(departure->left_ns - departure->begin_ns),
			report->image->first_exit &&
					EX_EVENT(report->image->first_exit, exit_begin)->kind == EX_exit_MAIN
				? "main's end"
				: "the call that asked for the end");
	for (size_t n = 0; n < departure->call_count && shown < LINES_MAX; n++) {
		const struct ex_exit_call *call = &departure->calls[n];
		if (call->event->meta->id == EX_EV_THREAD_EXIT)
			shown += fprintf(out, "the first thread left by pthread_exit%s\n", from(&call->caller)) > 0;
		else if (was_asked)
			shown += fprintf(out, "%s was called %sby thread %u%s\n", call->kind,
					 is_exit(call) ? "again " : "", call->event->tid, from(&call->caller)) > 0;
		was_asked |= is_exit(call);
	}
	for (size_t n = 0; n < report->image->event_count; n++)
		if (report->image->events[n]->meta->id == EX_EV_KEPT) {
			const struct ex_ev_kept *one = EX_EVENT(report->image->events[n], kept);
			kept_bytes += one->end - one->begin;
			kept++;
		}
	if (kept)
		fprintf(out, "treatment keep: %" PRIu64 " call%s did not take %s away\n", kept, kept == 1 ? "" : "s",
			ex_bytes_text(kept_bytes));
}

static const char *times(uint64_t count)
{
	return count == 1 ? "once" : ex_format("%" PRIu64 " times", count);
}

/* what treatment park-threads came to; NULL: it was not asked for */
static const char *parked(const struct ex_image *image, uint32_t tid)
{
	const char *text = NULL;
	for (size_t n = 0; n < image->event_count; n++)
		if (image->events[n]->meta->id == EX_EV_PARKED && EX_EVENT(image->events[n], parked)->thread == tid)
			text = EX_KIND_TEXT(parked, EX_EVENT(image->events[n], parked)->result);
	return text;
}

static void thread_line(const struct ex_image *image, const struct ex_live_thread *thread, FILE *out)
{
	const char *call = ex_live_syscall(thread);
	const struct ex_place *caller = ex_live_caller(thread);
	uint64_t growths = 0, allocations = 0, frees = 0;
	fprintf(out, "  %u", thread->tid);
	if (thread->name && *thread->name)
		fprintf(out, " %s", thread->name);
	if (thread->start.address)
		fprintf(out, " in %s", ex_place_text(&thread->start));
	if (thread->event && EX_EVENT(thread->event, live_thread)->syscall == -1)
		fputs(", was running", out);
	if (call)
		fprintf(out, ", slept in %s", call);
	if (thread->frame_count)
		fprintf(out, "%s %s", caller ? ", called from" : " at",
			ex_place_text(caller ? caller : &thread->frames[0]));
	for (size_t n = 0; n < thread->after_count; n++) {
		growths += thread->after[n].growths;
		allocations += thread->after[n].allocations;
		frees += thread->after[n].frees;
	}
	if (parked(image, thread->tid))
		fprintf(out, "; %s", parked(image, thread->tid));
	if (growths)
		fprintf(out, "; grew memory %s after exit began", times(growths));
	if (allocations || frees)
		fprintf(out, "; allocated %s and freed %s after exit began", times(allocations), times(frees));
	fputc('\n', out);
}

void ex_report_threads_text(const struct ex_report *report, FILE *out)
{
	/* where they were is told already */
	if (!report->image->first_exit && report->place_count > 1)
		return;
	if (report->thread_count)
		fprintf(out, "threads alive %s: %zu\n",
			report->image->first_exit ? "when exit began, besides the exiting one"
						  : "at the end, besides the one that ended it",
			report->thread_count);
	for (size_t n = 0; n < report->thread_count && n < LINES_MAX; n++)
		thread_line(report->image, &report->threads[n], out);
	if (report->thread_count > LINES_MAX)
		fprintf(out, "  and %zu more\n", report->thread_count - LINES_MAX);
}

void ex_report_late_text(const struct ex_report *report, FILE *out)
{
	const struct ex_late *late = &report->late;
	if (!late->count)
		return;
	fprintf(out, "calls of the malloc family after the allocator's own handler #%u had ended: %zu\n", late->done->n,
		late->count);
	for (size_t n = 0; n < late->count && n < LINES_MAX; n++) {
		const struct ex_late_call *call = &late->calls[n];
		fprintf(out, "  %s%s", EX_KIND_TEXT(late_call, EX_EVENT(call->event, late_call)->kind),
			from(&call->caller));
		if (call->row)
			fprintf(out, " in #%u", call->row->n);
		fprintf(out, ", thread %u\n", call->event->tid);
	}
	if (late->count > LINES_MAX)
		fprintf(out, "  and %zu more\n", late->count - LINES_MAX);
}

void ex_report_entered_text(const struct ex_report *report, FILE *out)
{
	const struct ex_entered *entered = &report->entered;
	for (size_t n = 0; n < entered->count && n < LINES_MAX; n++) {
		const struct ex_entry *entry = &entered->entries[n];
		const char *by = from(&entry->caller);
		fprintf(out, "entered: %s, entry %u%s%s", ex_place_text(&entry->function),
			EX_EVENT(entry->event, entered)->n, *by ? "," : "", by);
		if (entry->row)
			fprintf(out, " in #%u", entry->row->n);
		fprintf(out, ", thread %u\n", entry->event->tid);
	}
	if (entered->all > LINES_MAX)
		fprintf(out, "  and %zu more\n", entered->all - LINES_MAX);
}

/* "3 words of libengine.so point into it" */
const char *ex_whose_text(const struct ex_row *row)
{
	const char *text = "";
	uint64_t all = 0;
	for (size_t n = 0; n < row->pointer_count; n++) {
		const struct ex_module *module = row->pointers[n].module;
		uint64_t words = 0;
		all += row->pointers[n].words;
		int is_told = 0;
		for (size_t m = 0; m < row->pointer_count; m++) {
			if (row->pointers[m].module != module)
				continue;
			is_told |= m < n;
			words += row->pointers[m].words;
		}
		if (!is_told)
			text = ex_format("%s%s%" PRIu64 " %s of %s", text, *text ? ", " : "", words,
					 words == 1 ? "word" : "words",
					 module ? ex_calls_module_name(module) : "an unknown module");
	}
	return *text ? ex_format("%s %s into it", text, all == 1 ? "points" : "point") : "";
}
