/*
 * scan_profraw_functions.c: the functions of a raw profile, one by one. Of a file that is cut before its names they have none.
 */
#include "scan_profraw.h"

#include "object.h"
#include "scan_names.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

static uint64_t sum_of(const struct ex_profraw_profile *p, const struct ex_profraw_record *record)
{
	uint64_t sum = 0;
	for (uint32_t n = 0; record->counters && n < record->count; n++) {
		uint64_t counter =
			p->counter_bytes == 1 ? !record->counters[n] : ex_profile_u64(record->counters + 8 * n);
		if (__builtin_add_overflow(sum, counter, &sum))
			return UINT64_MAX;
	}
	return sum;
}

static void emit_function(struct ex_emit *emit, const struct ex_profraw_record *record, uint64_t sum,
			  const struct ex_scan_name *name)
{
	ex_emit_object(emit, NULL);
	ex_emit_hex(emit, "name_ref", record->name_ref);
	ex_emit_hex(emit, "hash", record->func_hash);
	if (name)
		ex_emit_bytes(emit, "function", name->function, strlen(name->function));
	else
		ex_emit_null(emit, "function");
	ex_emit_bool(emit, "fits", record->fits);
	ex_emit_uint(emit, "counters", record->count);
	ex_emit_uint(emit, "value_sites", record->sites);
	if (record->counters)
		ex_emit_uint(emit, "sum", sum);
	else
		ex_emit_null(emit, "sum");
	ex_emit_end(emit);
}

static void print_function(struct ex_scan *scan, const struct ex_profraw_record *record, uint64_t sum,
			   const struct ex_scan_name *name, int is_first)
{
	const char *text = name ? ex_demangle(name->function) : ex_format("0x%016" PRIx64, record->name_ref);
	const char *label = is_first ? "by function" : "";
	if (!record->fits)
		ex_scan_row(scan, label, "its counters are not in the file  %s", text);
	else
		ex_scan_row(scan, label, "%5" PRIu32 " counters, sum %12s, %3u value sites  %s", record->count,
			    record->counters ? ex_format("%" PRIu64, sum) : "cut off", record->sites, text);
}

void ex_scan_profraw_functions(struct ex_scan *scan, const struct ex_scan_profraw *profraw)
{
	const struct ex_profraw_profile *p = profraw->last;
	struct ex_scan_names names = {0};
	if (scan->emit && (!scan->with_records || !p || !p->layout)) {
		ex_emit_null(scan->emit, "functions");
		return;
	}
	uint64_t count = ex_profraw_there(p, EX_PROFRAW_RECORDS) / p->layout->record_bytes;
	ex_scan_names_add(&names, p->bytes + p->at[EX_PROFRAW_NAMES], ex_profraw_there(p, EX_PROFRAW_NAMES));
	ex_scan_names_done(&names);
	if (scan->emit)
		ex_emit_array(scan->emit, "functions");
	for (uint64_t n = 0; n < count; n++) {
		struct ex_profraw_record record = ex_profraw_record(p, n);
		const struct ex_scan_name *name = ex_scan_names_find(&names, record.name_ref);
		if (scan->emit)
			emit_function(scan->emit, &record, sum_of(p, &record), name);
		else
			print_function(scan, &record, sum_of(p, &record), name, n == 0);
	}
	if (scan->emit)
		ex_emit_end(scan->emit);
}
