/*
 * compare_json.c: a comparison as the JSON of docs/compare.schema.json.
 */
#include "compare.h"

#include "emit.h"

static void emit_row(struct ex_emit *emit, const struct ex_row *row)
{
	static const char *const sources[] = {[EX_SYMBOL_NONE] = "none",
					      [EX_SYMBOL_DYNSYM] = "dynsym",
					      [EX_SYMBOL_SYMTAB] = "symtab",
					      [EX_SYMBOL_INFERRED] = "inferred"};
	static const char *const lives[] =
		{[EX_life_DEAD] = "dead", [EX_life_ALIVE] = "alive", [EX_life_UNKNOWN] = "unknown"};
	uint64_t bytes = 0;
	for (size_t i = 0; i < row->took_count; i++)
		bytes += row->took[i].end - row->took[i].begin;
	ex_emit_object(emit, NULL);
	ex_emit_uint(emit, "n", row->n);
	ex_emit_text(emit, "kind", ex_row_kind_text(row->kind));
	ex_emit_text(emit, "symbol", row->place.symbol);
	ex_emit_text(emit, "symbol_source", sources[row->place.source]);
	ex_emit_text(emit, "module", row->place.module ? row->place.module_name : NULL);
	if (row->place.module)
		ex_emit_hex(emit, "offset", row->place.offset);
	else
		ex_emit_null(emit, "offset");
	ex_emit_uint(emit, "depth", row->depth);
	if (row->end_ns)
		ex_emit_uint(emit, "duration_ns", row->end_ns - row->begin_ns);
	else
		ex_emit_null(emit, "duration_ns");
	ex_emit_uint(emit, "took_bytes", bytes);
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
	if (image) {
		ex_emit_object(emit, "process");
		ex_emit_uint(emit, "pid", image->pid);
		ex_emit_text(emit, "exe", image->exe);
		ex_emit_end(emit);
		ex_emit_object(emit, "end");
		ex_emit_text(emit, "kind", ex_end_text(image->end));
		if (image->end == EX_END_EXIT || image->end == EX_END_FAST || image->end == EX_END_QUICK)
			ex_emit_int(emit, "status", image->status);
		else
			ex_emit_null(emit, "status");
		ex_emit_text(emit, "signal", image->signal ? ex_signal_name(image->signal) : NULL);
		ex_emit_end(emit);
	} else {
		ex_emit_null(emit, "process");
		ex_emit_null(emit, "end");
	}
	ex_emit_array(emit, "rows");
	for (size_t i = 0; i < column->teardown.count; i++)
		emit_row(emit, &column->teardown.rows[i]);
	ex_emit_end(emit);
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
	ex_emit_end(&emit);
}
