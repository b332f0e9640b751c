/*
 * emit_process.c: see emit_process.h. Part of the contract of docs/json.md: every key is always there.
 */
#include "emit_process.h"

void ex_emit_process(struct ex_emit *emit, const struct ex_image *image)
{
	if (!image) {
		ex_emit_null(emit, "process");
		return;
	}
	ex_emit_object(emit, "process");
	ex_emit_uint(emit, "pid", image->pid);
	ex_emit_text(emit, "exe", image->exe);
	ex_emit_end(emit);
}

void ex_emit_end_of(struct ex_emit *emit, const struct ex_image *image)
{
	ex_emit_object(emit, "end");
	ex_emit_text(emit, "kind", ex_end_text(image->end));
	if (image->end == EX_END_EXIT || image->end == EX_END_FAST || image->end == EX_END_QUICK)
		ex_emit_int(emit, "status", image->status);
	else
		ex_emit_null(emit, "status");
	ex_emit_text(emit, "signal", image->signal ? ex_signal_name(image->signal) : NULL);
	ex_emit_text(emit, "sandbox", image->sandbox_end);
	ex_emit_end(emit);
}

void ex_emit_place(struct ex_emit *emit, const struct ex_place *place)
{
	static const char *const sources[] = {[EX_SYMBOL_NONE] = "none",
					      [EX_SYMBOL_DYNSYM] = "dynsym",
					      [EX_SYMBOL_SYMTAB] = "symtab",
					      [EX_SYMBOL_INFERRED] = "inferred"};
	ex_emit_text(emit, "symbol", place->symbol);
	ex_emit_text(emit, "symbol_source", sources[place->source]);
	ex_emit_text(emit, "module", place->module ? place->module_name : NULL);
	if (place->module)
		ex_emit_hex(emit, "offset", place->offset);
	else
		ex_emit_null(emit, "offset");
}

void ex_emit_duration(struct ex_emit *emit, const struct ex_row *row)
{
	if (row->end_ns)
		ex_emit_uint(emit, "duration_ns", row->end_ns - row->begin_ns);
	else
		ex_emit_null(emit, "duration_ns");
}

void ex_emit_frames(struct ex_emit *emit, const char *key, const struct ex_place *frames, int count)
{
	ex_emit_array(emit, key);
	for (int i = 0; i < count; i++) {
		ex_emit_object(emit, NULL);
		ex_emit_hex(emit, "address", frames[i].address);
		ex_emit_place(emit, &frames[i]);
		ex_emit_text(emit, "file", frames[i].file);
		if (frames[i].file)
			ex_emit_int(emit, "line", frames[i].line);
		else
			ex_emit_null(emit, "line");
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}
