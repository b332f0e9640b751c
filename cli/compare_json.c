/*
 * compare_json.c: a comparison as the JSON of docs/compare.schema.json.
 */
#include "compare.h"

#include "emit_process.h"

static void emit_row(struct ex_emit *emit, const struct ex_row *row)
{
	static const char *const lives[] =
		{[EX_life_DEAD] = "dead", [EX_life_ALIVE] = "alive", [EX_life_UNKNOWN] = "unknown"};
	ex_emit_object(emit, NULL);
	ex_emit_uint(emit, "n", row->n);
	ex_emit_text(emit, "kind", ex_row_kind_text(row->kind));
	ex_emit_place(emit, &row->place);
	ex_emit_uint(emit, "depth", row->depth);
	ex_emit_duration(emit, row);
	ex_emit_uint(emit, "took_bytes", ex_row_took_bytes(row));
	ex_emit_text(emit, "allocator_after", row->alive_after < 0 ? NULL : lives[row->alive_after]);
	ex_emit_end(emit);
}

static void emit_column(struct ex_emit *emit, const struct ex_column *column)
{
	const struct ex_image *image = column->processes.judged;
	ex_emit_object(emit, NULL);
	ex_emit_text(emit, "name", column->name);
	ex_emit_text(emit, "preload", column->preload);
	ex_emit_text(emit, "trace", column->dir);
	ex_emit_process(emit, image);
	if (image)
		ex_emit_end_of(emit, image);
	else
		ex_emit_null(emit, "end");
	ex_emit_array(emit, "rows");
	for (size_t i = 0; i < column->teardown.count; i++)
		emit_row(emit, &column->teardown.rows[i]);
	ex_emit_end(emit);
	const struct ex_growth *growth = &column->growth;
	ex_emit_object(emit, "growth");
	ex_emit_bool(emit, "observed", growth->is_observed);
	ex_emit_uint(emit, "growths", growth->growths);
	ex_emit_uint(emit, "grown_bytes", growth->grown_bytes);
	ex_emit_uint(emit, "overlap", growth->overlap);
	ex_emit_uint(emit, "failed", growth->failed);
	ex_emit_uint(emit, "waits", growth->waits[EX_lock_ARENA] + growth->waits[EX_lock_MUTEX]);
	ex_emit_end(emit);
	const struct ex_departure *departure = &column->departure;
	if (departure->left_ns)
		ex_emit_uint(emit, "teardown_ns", departure->left_ns - departure->begin_ns);
	else
		ex_emit_null(emit, "teardown_ns");
	if (departure->stdio_ns)
		ex_emit_uint(emit, "stdio_flush_ns", departure->left_ns - departure->stdio_ns);
	else
		ex_emit_null(emit, "stdio_flush_ns");
	ex_emit_uint(emit, "threads_at_exit", column->thread_count);
	ex_emit_uint(emit, "took_bytes", column->took_bytes);
	ex_emit_text(emit, "profile", ex_compare_profile(column));
	ex_emit_end(emit);
}

static void emit_differences(struct ex_emit *emit, const struct ex_comparison *c)
{
	unsigned moved, only;
	ex_compare_count(c, &moved, &only);
	ex_emit_object(emit, "differences");
	ex_emit_uint(emit, "moved", moved);
	ex_emit_uint(emit, "only", only);
	ex_emit_end(emit);
}

void ex_compare_json(const struct ex_comparison *c, FILE *out)
{
	struct ex_emit emit;
	ex_emit_begin(&emit, out);
	ex_emit_object(&emit, NULL);
	ex_emit_text(&emit, "schema", "exeunt.compare/1");
	ex_emit_array(&emit, "columns");
	for (unsigned i = 0; i < c->column_count; i++)
		emit_column(&emit, &c->columns[i]);
	ex_emit_end(&emit);
	ex_emit_array(&emit, "lines");
	for (unsigned n = 0; n < c->line_count; n++) {
		ex_emit_object(&emit, NULL);
		ex_emit_text(&emit, "key", c->lines[n].key);
		ex_emit_text(&emit, "mark", ex_mark_text(c->lines[n].mark));
		ex_emit_array(&emit, "rows");
		for (unsigned i = 0; i < c->column_count; i++)
			if (c->lines[n].rows[i])
				ex_emit_uint(&emit, NULL, c->lines[n].rows[i]->n);
			else
				ex_emit_null(&emit, NULL);
		ex_emit_end(&emit);
		ex_emit_end(&emit);
	}
	ex_emit_end(&emit);
	emit_differences(&emit, c);
	ex_compare_heap_json(c, &emit);
	ex_emit_end(&emit);
}
