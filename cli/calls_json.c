/*
 * calls_json.c: the counts as JSON (docs/report.schema.json); what was never called is left out.
 */
#include "calls.h"
#include "emit.h"

static void emit_functions(struct ex_emit *emit, const uint64_t *by_function)
{
	ex_emit_object(emit, "calls");
	for (size_t n = 0; ex_calls_function(n); n++)
		if (by_function[n])
			ex_emit_uint(emit, ex_calls_function(n), by_function[n]);
	ex_emit_end(emit);
}

static void emit_sizes(struct ex_emit *emit, const struct ex_calls *calls)
{
	ex_emit_array(emit, "by_size");
	for (size_t n = 0; n < EX_SIZE_CLASSES; n++) {
		if (!calls->by_size[n].calls)
			continue;
		ex_emit_object(emit, NULL);
		if (n + 1 < EX_SIZE_CLASSES)
			ex_emit_uint(emit, "to_bytes", ex_calls_to_bytes(n));
		else
			ex_emit_null(emit, "to_bytes");
		ex_emit_uint(emit, "calls", calls->by_size[n].calls);
		ex_emit_uint(emit, "bytes", calls->by_size[n].bytes);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

static void emit_module(struct ex_emit *emit, const struct ex_module *module)
{
	ex_emit_text(emit, "module", module ? ex_calls_module_name(module) : NULL);
}

void ex_calls_json(const struct ex_calls *calls, struct ex_emit *emit)
{
	if (!calls->is_counted) {
		ex_emit_null(emit, "heap");
		return;
	}
	ex_emit_object(emit, "heap");
	emit_functions(emit, calls->by_function);
	emit_sizes(emit, calls);
	ex_emit_array(emit, "threads");
	for (size_t n = 0; n < calls->thread_count; n++) {
		ex_emit_object(emit, NULL);
		ex_emit_uint(emit, "thread", calls->threads[n].tid);
		emit_functions(emit, calls->threads[n].by_function);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
	ex_emit_object(emit, "allocator");
	emit_module(emit, calls->allocator);
	ex_emit_end(emit);
	ex_emit_array(emit, "unseen");
	for (size_t n = 0; n < calls->unseen_count; n++) {
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "function", calls->unseen[n].function);
		emit_module(emit, calls->unseen[n].module);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
	ex_emit_end(emit);
}
