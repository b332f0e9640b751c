/*
 * report_json.c: the report as the JSON of docs/report.schema.json. Owns the order and form of its keys, which are a
 * contract: addresses are strings in hex, times nanoseconds since the process image's first event, and every key is
 * always there.
 */
#include "emit_process.h"
#include "report.h"

#include <string.h>

static void emit_end(struct ex_emit *emit, const struct ex_image *image)
{
	if (image->end == EX_END_RUNNING) /* no end: there is no word for it */
		ex_emit_null(emit, "end");
	else
		ex_emit_end_of(emit, image);
}

static void emit_processes(struct ex_emit *emit, const struct ex_processes *processes)
{
	ex_emit_array(emit, "processes");
	for (size_t n = 0; n < processes->count; n++) {
		const struct ex_image *image = &processes->images[n];
		ex_emit_object(emit, NULL);
		ex_emit_uint(emit, "pid", image->pid);
		ex_emit_text(emit, "exe", image->exe);
		ex_emit_array(emit, "argv");
		for (int a = 0; a < image->argc; a++)
			ex_emit_text(emit, NULL, image->argv[a]);
		ex_emit_end(emit);
		emit_end(emit, image);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

static void emit_row(struct ex_emit *emit, const struct ex_row *row, uint64_t begin_ns)
{
	ex_emit_object(emit, NULL);
	ex_emit_uint(emit, "n", row->n);
	ex_emit_text(emit, "kind", ex_row_kind_text(row->kind));
	ex_emit_place(emit, &row->place);
	ex_emit_uint(emit, "thread", row->tid);
	ex_emit_uint(emit, "begin_ns", row->begin_ns - begin_ns);
	ex_emit_duration(emit, row);
	ex_emit_object(emit, "registered_by");
	ex_emit_text(emit, "symbol", row->registered_by.symbol);
	ex_emit_text(emit, "module", row->registered_by.module ? row->registered_by.module_name : NULL);
	ex_emit_end(emit);
	ex_emit_array(emit, "took");
	for (size_t n = 0; n < row->took_count; n++) {
		if (ex_row_took_again(row, n))
			continue;
		ex_emit_object(emit, NULL);
		ex_emit_hex(emit, "begin", row->took[n].begin);
		ex_emit_hex(emit, "end", row->took[n].end);
		ex_emit_text(emit, "how", EX_KIND_TEXT(release, row->took[n].how));
		ex_report_whose_json(row, n, emit);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
	ex_emit_end(emit);
}

static void emit_allocators(struct ex_emit *emit, const struct ex_report *report)
{
	ex_emit_array(emit, "allocators");
	for (size_t n = 0; n < report->allocator_count; n++) {
		const struct ex_allocator *one = &report->allocators[n];
		const char *slash = strrchr(one->module->path, '/');
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "name", one->name);
		ex_emit_text(emit, "version", one->version);
		ex_emit_text(emit, "how", one->how);
		ex_emit_text(emit, "module", slash ? slash + 1 : one->module->path);
		ex_emit_text(emit, "calls", ex_calls_of(&report->calls, one->module));
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

static void emit_crash(struct ex_emit *emit, const struct ex_report *report)
{
	const struct ex_event *event = report->image->crash;
	if (!event) {
		ex_emit_null(emit, "crash");
		return;
	}
	const struct ex_ev_crash *crash = EX_EVENT(event, crash);
	ex_emit_object(emit, "crash");
	ex_emit_text(emit, "signal", ex_signal_name(crash->signo));
	ex_emit_text(emit, "code", ex_code_name(crash->signo, crash->code));
	ex_emit_text(emit, "meaning", ex_code_words(crash->signo, crash->code));
	if (crash->code <= 0 && crash->sender)
		ex_emit_uint(emit, "sender", crash->sender);
	else
		ex_emit_null(emit, "sender");
	ex_emit_text(emit, "message", ex_report_abort_message(report));
	ex_emit_hex(emit, "address", crash->address);
	ex_emit_hex(emit, "pc", crash->pc);
	ex_emit_array(emit, "explained");
	for (size_t n = 0; n < report->explained_count; n++)
		ex_emit_text(emit, NULL, report->explained[n]);
	ex_emit_end(emit);
	ex_report_misread_json(report, emit);
	ex_emit_uint(emit, "thread", event->tid);
	if (report->teardown.crash_row)
		ex_emit_uint(emit, "handler_n", report->teardown.crash_row->n);
	else
		ex_emit_null(emit, "handler_n");
	ex_report_last_growth_json(report, emit);
	ex_emit_frames(emit, "stack", report->teardown.crash_stack, report->teardown.crash_frames);
	ex_report_registers_json(report, emit);
	uint64_t address;
	if (ex_report_fault_address(report, &address)) {
		ex_emit_object(emit, "history");
		ex_report_history_json(report, address, emit);
		ex_emit_end(emit);
	} else {
		ex_emit_null(emit, "history");
	}
	ex_report_places_json(report, emit);
	ex_emit_end(emit);
}

void ex_report_json(const struct ex_report *report, FILE *out)
{
	struct ex_emit emit;
	ex_emit_begin(&emit, out);
	ex_emit_object(&emit, NULL);
	ex_emit_text(&emit, "schema", "exeunt.report/1");
	ex_emit_uint(&emit, "events", report->processes->trace->count);
	ex_emit_uint(&emit, "lost", report->processes->trace->lost);
	ex_emit_uint(&emit, "pid", report->image->pid);
	emit_processes(&emit, report->processes);
	emit_end(&emit, report->image);
	ex_emit_array(&emit, "teardown");
	for (size_t n = 0; n < report->teardown.count; n++) {
		const struct ex_row *row = &report->teardown.rows[n];
		/* the contract's rows are what ran: one that a treatment left out would look as if it had */
		if (row->outcome <= EX_outcome_of_handler_RAN)
			emit_row(&emit, row, report->image->begin_ns);
	}
	ex_emit_end(&emit);
	ex_report_exit_json(report, &emit);
	ex_report_threads_json(report, &emit);
	ex_report_late_json(report, &emit);
	ex_report_entered_json(report, &emit);
	ex_report_profiles_json(report, &emit);
	emit_allocators(&emit, report);
	ex_growth_json(&report->growth, &emit);
	ex_calls_json(&report->calls, &emit);
	emit_crash(&emit, report);
	ex_report_children_json(report, &emit);
	ex_report_code_json(report, &emit);
	ex_report_blocks_json(report, &emit);
	ex_report_watch_json(report, &emit);
	ex_report_suspects_json(report, &emit);
	ex_emit_end(&emit);
}
