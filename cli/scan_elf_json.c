/*
 * scan_elf_json.c: an ELF file as JSON. The contract is docs/scan.schema.json.
 */
#include "scan_elf.h"

#include "text.h"

#include <inttypes.h>
#include <string.h>

/* text out of a file; NULL: null */
static void emit_found(struct ex_emit *emit, const char *key, const char *text)
{
	if (text)
		ex_emit_bytes(emit, key, text, strlen(text));
	else
		ex_emit_null(emit, key);
}

static void emit_known(struct ex_emit *emit, const char *key, uint64_t value)
{
	if (value)
		ex_emit_uint(emit, key, value);
	else
		ex_emit_null(emit, key);
}

void ex_scan_emit_sizes(struct ex_emit *emit, const char *key, const uint32_t by_size[EX_RECORD_SIZES])
{
	static const char *const keys[EX_RECORD_SIZES] =
		{[EX_RECORD_48] = "48", [EX_RECORD_64] = "64", [EX_RECORD_72] = "72"};
	ex_emit_object(emit, key);
	for (unsigned size = 0; size < EX_RECORD_SIZES; size++)
		ex_emit_uint(emit, keys[size], by_size[size]);
	ex_emit_end(emit);
}

static void emit_name(struct ex_emit *emit, const struct ex_scan_name *name)
{
	emit_found(emit, "function", name ? name->function : NULL);
	emit_found(emit, "object", name ? name->object : NULL);
}

static void emit_records(struct ex_emit *emit, const struct ex_scan_profile *profile, int with_records)
{
	if (!with_records) {
		ex_emit_null(emit, "functions");
		return;
	}
	ex_emit_array(emit, "functions");
	for (size_t i = 0; i < profile->record_count; i++) {
		const struct ex_scan_record *record = &profile->records[i];
		if (!record->bytes)
			continue;
		ex_emit_object(emit, NULL);
		ex_emit_hex(emit, "offset", record->offset);
		ex_emit_uint(emit, "record_bytes", record->bytes);
		ex_emit_uint(emit, "counters", record->counters);
		ex_emit_uint(emit, "value_sites", record->sites);
		emit_name(emit, record->name);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

static void emit_runs(struct ex_emit *emit, const struct ex_scan_profile *profile)
{
	ex_emit_array(emit, "runs");
	for (size_t i = 0; i < profile->run_count; i++) {
		const struct ex_scan_record *first = profile->runs[i].first;
		ex_emit_object(emit, NULL);
		ex_emit_hex(emit, "offset", first->offset);
		ex_emit_uint(emit, "record_bytes", first->bytes);
		ex_emit_uint(emit, "count", profile->runs[i].count);
		emit_name(emit, first->name);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
	ex_emit_array(emit, "objects");
	for (size_t i = 0; i < profile->unit_count; i++) {
		ex_emit_object(emit, NULL);
		emit_found(emit, "object", profile->units[i].name);
		emit_found(emit, "function", profile->units[i].function);
		ex_scan_emit_sizes(emit, "records", profile->units[i].records);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

static void emit_profile(struct ex_scan *scan, const struct ex_scan_profile *profile)
{
	struct ex_emit *emit = scan->emit;
	if (!profile->is_there) {
		ex_emit_null(emit, "profile");
		return;
	}
	int is_read = profile->unread == EX_SCAN_READ;
	ex_emit_object(emit, "profile");
	ex_emit_array(emit, "sections");
	for (size_t i = 0; i < profile->section_count; i++) {
		const struct ex_elf_section *section = profile->sections[i];
		ex_emit_object(emit, NULL);
		ex_emit_bytes(emit, "name", section->name, strlen(section->name));
		ex_emit_hex(emit, "offset", section->header.sh_offset);
		ex_emit_uint(emit, "bytes", section->header.sh_size);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
	ex_emit_bool(emit, "readable", is_read);
	ex_scan_emit_sizes(emit, "records", profile->by_size);
	ex_scan_emit_sizes(emit, "with_value_sites", profile->with_sites);
	ex_emit_uint(emit, "unparsed_bytes", profile->unparsed_bytes);
	emit_known(emit, "stride_bytes", profile->stride_bytes);
	emit_known(emit, "version", profile->runtime_version);
	emit_known(emit, "raw_version", EX_PROFILE_VERSION(profile->raw_version));
	ex_emit_text(emit, "raw_version_from",
		     !profile->raw_version	? NULL
		     : profile->raw_from_symbol ? "symbol"
						: "code");
	ex_emit_text(emit, "level",
		     !profile->raw_version			  ? NULL
		     : profile->raw_version & EX_PROFILE_IR_LEVEL ? "ir"
								  : "front-end");
	ex_emit_bool(emit, "byte_coverage", (profile->raw_version & EX_PROFILE_BYTE_COVERAGE) != 0);
	ex_emit_bool(emit, "mixed", ex_scan_profile_is_mixed(profile));
	ex_emit_uint(emit, "misread", ex_scan_profile_misread(profile));
	ex_emit_uint(emit, "misread_with_value_sites", ex_scan_profile_misread_sites(profile));
	ex_emit_bool(emit, "refused", ex_scan_profile_is_refused(profile));
	emit_found(emit, "file_name", profile->file_name);
	ex_emit_bool(emit, "continuous", profile->file_name && strstr(profile->file_name, "%c"));
	ex_emit_uint(emit, "named", profile->named);
	ex_emit_bool(emit, "names_damaged", profile->names.is_damaged);
	emit_runs(emit, profile);
	emit_records(emit, profile, scan->with_records);
	ex_emit_end(emit);
}

static void emit_hooks(struct ex_emit *emit, const struct ex_doctor *hooks)
{
	if (!hooks) {
		ex_emit_null(emit, "observable");
		ex_emit_array(emit, "findings");
		ex_emit_end(emit);
		return;
	}
	ex_emit_bool(emit, "observable", !hooks->status);
	ex_emit_array(emit, "findings");
	ex_doctor_emit(emit, hooks);
	ex_emit_end(emit);
}

void ex_scan_allocators_json(struct ex_emit *emit, const struct ex_scan_allocator *list, size_t count)
{
	ex_emit_array(emit, "allocators");
	for (size_t i = 0; i < count; i++) {
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "name", list[i].name);
		emit_found(emit, "version", list[i].version);
		ex_emit_text(emit, "how", list[i].how);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

void ex_scan_elf_json(struct ex_scan *scan, const struct ex_scan_elf *elf)
{
	struct ex_emit *emit = scan->emit;
	ex_emit_text(emit, "machine", elf->machine);
	ex_emit_int(emit, "bits", elf->is_64 ? 64 : 32);
	ex_emit_text(emit, "byte_order", elf->is_little ? "little" : "big");
	ex_emit_text(emit, "build_id", elf->build_id);
	emit_found(emit, "interpreter", elf->interpreter);
	ex_emit_text(emit, "linkage", elf->linkage);
	ex_emit_text(emit, "relro", elf->relro);
	ex_emit_bool(emit, "stripped", elf->is_stripped);
	ex_emit_text(emit, "malloc", elf->malloc);
	ex_emit_array(emit, "compilers");
	for (size_t i = 0; i < elf->compiler_count; i++) {
		ex_emit_object(emit, NULL);
		emit_found(emit, "text", elf->compilers[i].text);
		emit_known(emit, "llvm", elf->compilers[i].llvm);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
	emit_profile(scan, &elf->profile);
	ex_scan_allocators_json(emit, elf->allocators, elf->allocator_count);
	emit_hooks(emit, elf->hooks);
}
