/*
 * report_exit_json.c: what report_exit.c says, as JSON. See report_json.c.
 */
#include "report.h"

#include "emit_process.h"

static void emit_where(struct ex_emit *emit, const char *key, const struct ex_place *place)
{
	if (!place || !place->address) {
		ex_emit_null(emit, key);
		return;
	}
	ex_emit_object(emit, key);
	ex_emit_place(emit, place);
	ex_emit_end(emit);
}

static void emit_row_number(struct ex_emit *emit, const struct ex_row *row)
{
	if (row)
		ex_emit_uint(emit, "handler_n", row->n);
	else
		ex_emit_null(emit, "handler_n");
}

static void emit_ns(struct ex_emit *emit, const char *key, uint64_t from_ns, uint64_t to_ns)
{
	if (from_ns && to_ns)
		ex_emit_uint(emit, key, to_ns - from_ns);
	else
		ex_emit_null(emit, key);
}

void ex_report_exit_json(const struct ex_report *report, struct ex_emit *emit)
{
	const struct ex_departure *departure = &report->departure;
	emit_ns(emit, "teardown_ns", departure->begin_ns, departure->left_ns);
	emit_ns(emit, "stdio_flush_ns", departure->stdio_ns, departure->left_ns);
	ex_emit_array(emit, "exit_calls");
	for (size_t n = 0; n < departure->call_count; n++) {
		const struct ex_exit_call *call = &departure->calls[n];
		ex_emit_object(emit, NULL);
		ex_emit_uint(emit, "thread", call->event->tid);
		ex_emit_text(emit, "kind", call->kind);
		emit_where(emit, "caller", &call->caller);
		ex_emit_uint(emit, "ns", call->event->time_ns - report->image->begin_ns);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

static void emit_thread(struct ex_emit *emit, const struct ex_live_thread *thread)
{
	int syscall = thread->event ? EX_EVENT(thread->event, live_thread)->syscall : -2;
	ex_emit_object(emit, NULL);
	ex_emit_uint(emit, "thread", thread->tid);
	ex_emit_place(emit, &thread->start);
	ex_emit_text(emit, "name", thread->name);
	if (syscall == -2)
		ex_emit_null(emit, "running");
	else
		ex_emit_bool(emit, "running", syscall == -1);
	ex_emit_text(emit, "syscall", ex_live_syscall(thread));
	emit_where(emit, "where", thread->frame_count ? &thread->frames[0] : NULL);
	ex_emit_frames(emit, "stack", thread->frames, thread->frame_count);
	ex_emit_array(emit, "after");
	for (size_t n = 0; n < thread->after_count; n++) {
		ex_emit_object(emit, NULL);
		emit_row_number(emit, thread->after[n].row);
		ex_emit_uint(emit, "growths", thread->after[n].growths);
		ex_emit_uint(emit, "allocations", thread->after[n].allocations);
		ex_emit_uint(emit, "frees", thread->after[n].frees);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
	ex_emit_end(emit);
}

void ex_report_threads_json(const struct ex_report *report, struct ex_emit *emit)
{
	ex_emit_array(emit, "threads_at_exit");
	for (size_t n = 0; n < report->thread_count; n++)
		emit_thread(emit, &report->threads[n]);
	ex_emit_end(emit);
}

void ex_report_late_json(const struct ex_report *report, struct ex_emit *emit)
{
	const struct ex_late *late = &report->late;
	if (!late->is_observed) {
		ex_emit_null(emit, "use_after_teardown");
		return;
	}
	ex_emit_array(emit, "use_after_teardown");
	for (size_t n = 0; n < late->count; n++) {
		const struct ex_late_call *call = &late->calls[n];
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "kind", EX_KIND_TEXT(late_call, EX_EVENT(call->event, late_call)->kind));
		emit_where(emit, "caller", &call->caller);
		emit_row_number(emit, call->row);
		ex_emit_uint(emit, "thread", call->event->tid);
		ex_emit_uint(emit, "ns", call->event->time_ns - report->image->begin_ns);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

void ex_report_entered_json(const struct ex_report *report, struct ex_emit *emit)
{
	const struct ex_entered *entered = &report->entered;
	if (!entered->is_observed) {
		ex_emit_null(emit, "entered");
		return;
	}
	ex_emit_array(emit, "entered");
	for (size_t n = 0; n < entered->count; n++) {
		const struct ex_entry *entry = &entered->entries[n];
		ex_emit_object(emit, NULL);
		ex_emit_place(emit, &entry->function);
		ex_emit_uint(emit, "n", EX_EVENT(entry->event, entered)->n);
		emit_where(emit, "caller", &entry->caller);
		emit_row_number(emit, entry->row);
		ex_emit_uint(emit, "thread", entry->event->tid);
		ex_emit_uint(emit, "ns", entry->event->time_ns - report->image->begin_ns);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

void ex_report_whose_json(const struct ex_row *row, size_t took, struct ex_emit *emit)
{
	ex_emit_array(emit, "whose");
	for (size_t n = 0; n < row->pointer_count; n++) {
		if (ex_row_pointed(row, &row->pointers[n]) != took)
			continue;
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "module",
			     row->pointers[n].module ? ex_calls_module_name(row->pointers[n].module) : NULL);
		ex_emit_uint(emit, "words", row->pointers[n].words);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}
