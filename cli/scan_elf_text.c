/*
 * scan_elf_text.c: an ELF file for people: rows below the head of its page.
 */
#include "scan_elf.h"

#include "object.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

#define RUNS_MOST 24
#define NAMES_MOST 4
#define NAME_BYTES 48

const char *ex_scan_sizes_text(const uint32_t by_size[EX_RECORD_SIZES])
{
	const char *text = "";
	for (unsigned size = 0; size < EX_RECORD_SIZES; size++)
		if (by_size[size])
			text = ex_format("%s%s%" PRIu32 " of %u bytes", text, *text ? ", " : "", by_size[size],
					 ex_record_bytes(size));
	return text;
}

static void print_compilers(struct ex_scan *scan, const struct ex_scan_elf *elf)
{
	for (size_t i = 0; i < elf->compiler_count; i++) {
		const struct ex_scan_compiler *one = &elf->compilers[i];
		ex_scan_row(scan, i ? "" : "compilers", one->llvm ? "%s (LLVM %u)" : "%s", one->text, one->llvm);
	}
}

/* at most so many bytes of a name, of a C++ or Rust function above all */
static const char *shortened(const char *name)
{
	return strlen(name) > NAME_BYTES ? ex_format("%.*s...", NAME_BYTES - 3, name) : name;
}

static int is_same_object(const struct ex_scan_name *a, const struct ex_scan_name *b)
{
	return a->object && b->object ? strcmp(a->object, b->object) == 0 : a->block == b->block;
}

/* "cpart.c: a0, a1, a2, c_work and 3 more", or of several objects "3 objects: cpart.c, main.c, …"; "" where no name was
 * found. An object that nothing names is told by its first function there */
static const char *run_names(const struct ex_scan_run *run)
{
	const char *functions = "", *objects = "";
	const struct ex_scan_name *last = NULL;
	size_t named = 0, changes = 0;
	for (size_t i = 0; i < run->count; i++) {
		const struct ex_scan_name *name = run->first[i].name;
		if (!name)
			continue;
		const char *function = shortened(ex_demangle(name->function));
		if (named++ < NAMES_MOST)
			functions = ex_format("%s%s%s", functions, *functions ? ", " : "", function);
		if ((!last || !is_same_object(last, name)) && changes++ < NAMES_MOST)
			objects = ex_format("%s%s%s", objects, *objects ? ", " : "",
					    name->object ? name->object : function);
		last = name;
	}
	if (!named)
		return "";
	if (changes > 1)
		return ex_format("%s%s", objects, changes > NAMES_MOST ? ", ..." : "");
	if (run->count > NAMES_MOST)
		functions = ex_format("%s and %zu more", functions, run->count - NAMES_MOST);
	return last->object ? ex_format("%s: %s", last->object, functions) : functions;
}

static void print_runs(struct ex_scan *scan, const struct ex_scan_profile *profile)
{
	for (size_t i = 0; i < profile->run_count && i < RUNS_MOST; i++) {
		const struct ex_scan_run *run = &profile->runs[i];
		if (run->first->bytes)
			ex_scan_row(scan, i ? "" : "records", "0x%-8" PRIx64 " %6zu of %u bytes  %s",
				    run->first->offset, run->count, run->first->bytes, run_names(run));
		else
			ex_scan_row(scan, i ? "" : "records", "0x%-8" PRIx64 " %6zu bytes that fit no known layout",
				    run->first->offset, run->count * 8);
	}
	if (profile->run_count > RUNS_MOST)
		ex_scan_row(scan, "", "and %zu more such runs; --json lists all", profile->run_count - RUNS_MOST);
}

static void print_functions(struct ex_scan *scan, const struct ex_scan_profile *profile)
{
	int is_first = 1;
	for (size_t i = 0; i < profile->record_count; i++) {
		const struct ex_scan_record *record = &profile->records[i];
		const struct ex_scan_name *name = record->name;
		if (!record->bytes)
			continue;
		ex_scan_row(scan, is_first ? "functions" : "",
			    "0x%-8" PRIx64 " %u bytes, %3" PRIu32 " counters, %" PRIu32 " value sites  %s%s%s",
			    record->offset, record->bytes, record->counters, record->sites,
			    name && name->object ? name->object : "", name && name->object ? ": " : "",
			    name ? ex_demangle(name->function) : "");
		is_first = 0;
	}
}

static void print_version(struct ex_scan *scan, const struct ex_scan_profile *profile)
{
	uint64_t raw = profile->raw_version;
	if (raw)
		ex_scan_row(scan, "instrumented", "%s, raw version %u (%s)%s%s",
			    raw & EX_PROFILE_IR_LEVEL ? "at IR level" : "by the front end", EX_PROFILE_VERSION(raw),
			    ex_llvm_of_version(EX_PROFILE_VERSION(raw)),
			    raw & EX_PROFILE_BYTE_COVERAGE ? ", counters of one byte" : "",
			    ex_scan_profile_is_mixed(profile) ? "; of all its parts' versions this one won" : "");
	if (profile->runtime_version)
		ex_scan_row(scan, "runtime", "raw version %u (%s)%s", profile->runtime_version,
			    *ex_llvm_of_version(profile->runtime_version) ? ex_llvm_of_version(profile->runtime_version)
									  : "not known here",
			    profile->stride_bytes ? ex_format(", reads records of %u bytes", profile->stride_bytes)
						  : "");
	if (profile->file_name)
		ex_scan_row(scan, "writes", "%s%s", profile->file_name,
			    strstr(profile->file_name, "%c") ? ", all the time (continuous mode)" : "");
}

/* those of one name together: an object file may have some for each function */
static void print_sections(struct ex_scan *scan, const struct ex_scan_profile *profile)
{
	const char *label = "sections";
	for (size_t i = 0; i < profile->section_count; i++) {
		const struct ex_elf_section *first = profile->sections[i];
		uint64_t bytes = 0;
		size_t before = 0, count = 0;
		while (before < i && strcmp(profile->sections[before]->name, first->name) != 0)
			before++;
		if (before < i)
			continue;
		for (size_t k = i; k < profile->section_count; k++)
			if (strcmp(profile->sections[k]->name, first->name) == 0) {
				bytes += profile->sections[k]->header.sh_size;
				count++;
			}
		ex_scan_row(scan, label, "%-18s %10" PRIu64 " bytes %s 0x%" PRIx64, first->name, bytes,
			    count > 1 ? ex_format("in %zu sections, the first at", count) : "at",
			    first->header.sh_offset);
		label = "";
	}
}

static void print_profile(struct ex_scan *scan, const struct ex_scan_profile *profile)
{
	uint32_t sites = 0;
	size_t count = 0;
	print_sections(scan, profile);
	if (!profile->is_there || profile->unread != EX_SCAN_READ)
		return;
	print_version(scan, profile);
	print_runs(scan, profile);
	for (unsigned size = 0; size < EX_RECORD_SIZES; size++) {
		sites += profile->with_sites[size];
		count += profile->by_size[size];
	}
	if (profile->record_count)
		ex_scan_row(scan, "value sites", "%s",
			    sites ? ex_format("in %s", ex_scan_sizes_text(profile->with_sites)) : "none");
	if (profile->names.is_damaged)
		ex_scan_row(scan, "names", "damaged; those before the damage are shown");
	else if (profile->named < count)
		ex_scan_row(scan, "names", "of %zu functions out of %zu are known", profile->named, count);
	if (scan->with_records)
		print_functions(scan, profile);
}

void ex_scan_allocators_text(struct ex_scan *scan, const struct ex_scan_allocator *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ex_scan_row(scan, i ? "" : "allocators", "%s%s%s, by its %s", list[i].name, list[i].version ? " " : "",
			    list[i].version ? list[i].version : "", list[i].how);
}

/* of the libraries that the program names; its own is above */
static int is_profile_of_library(const struct ex_scan_elf *elf, const struct ex_finding *finding)
{
	return strcmp(finding->name, "LLVM profile") == 0 && strncmp(finding->text, "in ", 3) == 0 &&
	       strncmp(finding->text + 3, elf->path, strlen(elf->path)) != 0;
}

static void print_hooks(struct ex_scan *scan, const struct ex_scan_elf *elf)
{
	static const char *const shown[] = {"program", "libraries", "sanitizer", "allocator"};
	for (unsigned i = 0; elf->hooks && i < elf->hooks->count; i++) {
		const struct ex_finding *finding = &elf->hooks->findings[i];
		if (is_profile_of_library(elf, finding))
			ex_scan_row(scan, "library", "%s", finding->text);
		for (size_t k = 0; k < sizeof(shown) / sizeof(*shown); k++)
			if (strcmp(shown[k], finding->name) == 0 && strcmp(finding->text, "none") != 0)
				ex_scan_row(scan, finding->name, "%s", finding->text);
	}
	if (!elf->hooks && elf->malloc)
		ex_scan_row(scan, "malloc",
			    strcmp(elf->malloc, "offered") == 0 ? "defined here, for others too"
								: "defined here, for itself only");
	ex_scan_allocators_text(scan, elf->allocators, elf->allocator_count);
}

void ex_scan_elf_text(struct ex_scan *scan, const struct ex_scan_elf *elf)
{
	ex_scan_row(scan, "file", "%s, %d-bit %s-endian%s%s%s%s%s", elf->machine, elf->is_64 ? 64 : 32,
		    elf->is_little ? "little" : "big", elf->linkage ? ", linked " : "",
		    !elf->linkage			  ? ""
		    : strcmp(elf->linkage, "static") == 0 ? "statically"
							  : "dynamically",
		    elf->relro ? ", RELRO " : "", elf->relro ? elf->relro : "", elf->is_stripped ? ", stripped" : "");
	if (elf->build_id)
		ex_scan_row(scan, "build id", "%s", elf->build_id);
	print_compilers(scan, elf);
	print_profile(scan, &elf->profile);
	print_hooks(scan, elf);
}
