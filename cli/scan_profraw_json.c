/*
 * scan_profraw_json.c: a file of raw profiles as JSON. The contract is docs/scan.schema.json.
 */
#include "scan_profraw.h"

#include <string.h>

static const char *state(enum ex_profraw what)
{
	static const char *const texts[] = {
		[EX_PROFRAW_WHOLE] = "whole",	  [EX_PROFRAW_EMPTY] = "empty",
		[EX_PROFRAW_CUT] = "cut",	  [EX_PROFRAW_BROKEN] = "broken",
		[EX_PROFRAW_FOREIGN] = "foreign", [EX_PROFRAW_UNKNOWN] = "unknown version",
	};
	return texts[what];
}

static void emit_ids(struct ex_emit *emit, const struct ex_profraw_profile *p)
{
	uint64_t at = 0, bytes;
	const unsigned char *id;
	ex_emit_array(emit, "binary_ids");
	while (p->layout && (id = ex_profraw_id(p, &at, &bytes)))
		ex_emit_text(emit, NULL, ex_scan_profraw_id(id, bytes));
	ex_emit_end(emit);
}

static void emit_profile(struct ex_emit *emit, const struct ex_profraw_file *file, const struct ex_profraw_profile *p)
{
	int has_part = p->what == EX_PROFRAW_CUT || p->what == EX_PROFRAW_BROKEN;
	ex_emit_object(emit, NULL);
	ex_emit_uint(emit, "offset", (uint64_t)(p->bytes - file->bytes));
	ex_emit_uint(emit, "bytes", p->length);
	ex_emit_text(emit, "state", state(p->what));
	ex_emit_text(emit, "part", has_part ? ex_profraw_part_texts[p->part] : NULL);
	ex_emit_uint(emit, "raw_version", EX_PROFILE_VERSION(p->version));
	ex_emit_text(emit, "llvm", p->layout ? ex_llvm_of_version(p->layout->version) : NULL);
	ex_emit_text(emit, "level", !p->layout ? NULL : p->version & EX_PROFRAW_IR ? "ir" : "front-end");
	ex_emit_text(emit, "variants", ex_scan_profraw_variants(p->version));
	ex_emit_uint(emit, "functions", p->records);
	ex_emit_uint(emit, "misfits", p->misfits);
	ex_emit_uint(emit, "counters", p->counters);
	ex_emit_uint(emit, "nonzero", p->nonzero);
	ex_emit_uint(emit, "largest", p->largest);
	ex_emit_uint(emit, "sum", p->sum);
	ex_emit_object(emit, "values");
	ex_emit_uint(emit, "functions", p->with_values);
	ex_emit_uint(emit, "functions_read", p->with_values_read);
	ex_emit_uint(emit, "call_targets", p->values[0]);
	ex_emit_uint(emit, "memory_sizes", p->values[1]);
	ex_emit_uint(emit, "virtual_tables", p->values[2]);
	ex_emit_end(emit);
	emit_ids(emit, p);
	ex_emit_end(emit);
}

static void emit_findings(struct ex_emit *emit, const struct ex_scan_profraw *profraw)
{
	ex_emit_array(emit, "findings");
	for (unsigned n = 0; n < profraw->finding_count; n++) {
		const struct ex_scan_finding *finding = &profraw->findings[n];
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "id", finding->id);
		ex_emit_bool(emit, "wrong", finding->is_wrong);
		ex_emit_bytes(emit, "text", finding->text, strlen(finding->text));
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

static void emit_repeat(struct ex_emit *emit, const struct ex_scan_profraw *profraw)
{
	static const char *const texts[] = {
		[EX_PROFRAW_ANOTHER_RUN] = "none",
		[EX_PROFRAW_PERHAPS_TWICE] = "perhaps",
		[EX_PROFRAW_SHARED] = "partly",
		[EX_PROFRAW_TWICE] = "yes",
	};
	ex_emit_text(emit, "counted_twice", texts[profraw->repeat]);
}

void ex_scan_profraw_json(struct ex_scan *scan, const struct ex_scan_profraw *profraw)
{
	static const char *const pools[] =
		{[EX_PROFRAW_POOL_NONE] = NULL, [EX_PROFRAW_POOL_NAMED] = "named", [EX_PROFRAW_POOL_OWN] = "own"};
	struct ex_emit *emit = scan->emit;
	ex_emit_text(emit, "state", state(profraw->file.what));
	ex_emit_uint(emit, "bytes", profraw->file.length);
	emit_findings(emit, profraw);
	ex_emit_array(emit, "tools");
	for (const char *const *tool = profraw->tools; tool && *tool; tool++)
		ex_emit_bytes(emit, NULL, *tool, strlen(*tool));
	ex_emit_end(emit);
	ex_emit_text(emit, "tool_says", profraw->quote);
	ex_emit_text(emit, "pool", pools[profraw->pool]);
	ex_emit_text(emit, "merge_refused", profraw->refusal);
	emit_repeat(emit, profraw);
	ex_emit_bool(emit, "mixed", profraw->layouts.is_mixed);
	ex_emit_object(emit, "records");
	ex_emit_uint(emit, "48", profraw->layouts.records[EX_RECORD_48]);
	ex_emit_uint(emit, "64", profraw->layouts.records[EX_RECORD_64]);
	ex_emit_uint(emit, "72", profraw->layouts.records[EX_RECORD_72]);
	ex_emit_end(emit);
	ex_emit_array(emit, "profiles");
	for (unsigned n = 0; n < profraw->file.count; n++)
		emit_profile(emit, &profraw->file, &profraw->file.profiles[n]);
	ex_emit_end(emit);
	ex_scan_profraw_functions(scan, profraw);
}
