/*
 * scan_profraw_text.c: a file of raw profiles for people: rows below the head of its page.
 */
#include "scan_profraw.h"

#include "object.h"
#include "scan_names.h"
#include "text.h"

#include <inttypes.h>

#define PROFILES_MAX 8

static void print_format(struct ex_scan *scan, const struct ex_scan_profraw *profraw)
{
	const struct ex_profraw_profile *p = profraw->last;
	const char *llvm = ex_llvm_of_version(p->layout->version), *variants = ex_scan_profraw_variants(p->version);
	ex_scan_row(scan, "format", "raw version %u (%s), instrumented %s%s%s", p->layout->version, llvm,
		    p->version & EX_PROFRAW_IR ? "at IR level" : "by the front end", *variants ? ", " : "", variants);
	const char *tools = "";
	for (const char *const *tool = profraw->tools; tool && *tool; tool++)
		tools = ex_format("%s%s%s", tools, *tools ? ", " : "", *tool);
	ex_scan_row(scan, "read by", "%s",
		    *tools ? tools : ex_format("no installed llvm-profdata; that of %s does", llvm));
}

static void print_ids(struct ex_scan *scan, const struct ex_profraw_profile *p)
{
	uint64_t at = 0, bytes;
	const unsigned char *id;
	while ((id = ex_profraw_id(p, &at, &bytes)))
		ex_scan_row(scan, "binary id", "%s", ex_scan_profraw_id(id, bytes));
}

static void print_profile(struct ex_scan *scan, const struct ex_profraw_profile *p)
{
	static const char *const kinds[EX_PROFRAW_KINDS_MAX] = {"targets of calls", "sizes of memory",
								"virtual tables"};
	const char *values = "";
	ex_scan_row(scan, "functions", "%" PRIu64 ", of which %" PRIu64 " have value sites", p->records,
		    p->with_values);
	ex_scan_row(scan, "counters", "%" PRIu64 ", of which %" PRIu64 " not zero; largest %" PRIu64 ", sum %" PRIu64,
		    p->counters, p->nonzero, p->largest, p->sum);
	for (unsigned kind = 0; kind < EX_PROFRAW_KINDS_MAX; kind++)
		if (p->values[kind])
			values = ex_format("%s%s%" PRIu64 " %s", values, *values ? ", " : "", p->values[kind],
					   kinds[kind]);
	ex_scan_row(scan, "values", "%s", *values ? values : "none");
}

static void print_profiles(struct ex_scan *scan, const struct ex_profraw_file *file)
{
	for (unsigned n = 0; n < file->count && n < PROFILES_MAX; n++) {
		const struct ex_profraw_profile *p = &file->profiles[n];
		ex_scan_row(scan, n ? "" : "profiles",
			    "%u at byte %-8zu %8zu bytes, %" PRIu64 " functions, %" PRIu64
			    " counters not zero, sum %" PRIu64,
			    n + 1, (size_t)(p->bytes - file->bytes), p->length, p->records, p->nonzero, p->sum);
	}
	if (file->count > PROFILES_MAX)
		ex_scan_row(scan, "", "and %u more; --json lists all", file->count - PROFILES_MAX);
}

/* names of the first records of another size, as far as the file got to have its names */
static void print_others(struct ex_scan *scan, const struct ex_scan_profraw *profraw)
{
	const struct ex_profraw_profile *p = profraw->last;
	const struct ex_profraw_layouts *layouts = &profraw->layouts;
	struct ex_scan_names names = {0};
	const char *text = "";
	ex_scan_names_add(&names, p->bytes + p->at[EX_PROFRAW_NAMES], ex_profraw_there(p, EX_PROFRAW_NAMES));
	ex_scan_names_done(&names);
	for (uint64_t n = 0; n < layouts->others && n < EX_PROFRAW_FIRST_MAX; n++) {
		const struct ex_scan_name *name = ex_scan_names_find(&names, layouts->first[n]);
		if (name)
			text = ex_format("%s%s%s", text, *text ? ", " : "", ex_demangle(name->function));
	}
	if (*text)
		ex_scan_row(scan, "other records", "%s%s", text,
			    layouts->others > EX_PROFRAW_FIRST_MAX
				    ? ex_format(" and %" PRIu64 " more", layouts->others - EX_PROFRAW_FIRST_MAX)
				    : "");
}

void ex_scan_profraw_text(struct ex_scan *scan, const struct ex_scan_profraw *profraw)
{
	const struct ex_profraw_profile *p = profraw->last;
	for (unsigned n = 1; n < profraw->finding_count; n++)
		ex_scan_row(scan, n == 1 ? "also" : "", "%s", profraw->findings[n].text);
	if (profraw->quote)
		ex_scan_row(scan, "llvm-profdata", "\"%s\"", profraw->quote);
	if (!p || !p->layout)
		return;
	print_format(scan, profraw);
	if (profraw->file.count > 1)
		print_profiles(scan, &profraw->file);
	else if (profraw->layouts.is_mixed)
		print_others(scan, profraw);
	else
		print_profile(scan, p);
	print_ids(scan, p);
	if (profraw->pool == EX_PROFRAW_POOL_OWN)
		ex_scan_row(scan, "pool", "its name has the number (%%m) of the binary that wrote it");
	if (scan->with_records)
		ex_scan_profraw_functions(scan, profraw);
}
