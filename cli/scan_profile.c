/*
 * scan_profile.c: see scan_profile.h.
 */
#include "scan_profile.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>

#define SEGMENTS_MOST 16

static int starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

unsigned ex_scan_size_of(unsigned record_bytes)
{
	unsigned size = 0;
	while (size < EX_RECORD_SIZES && ex_record_bytes(size) != record_bytes)
		size++;
	return size;
}

static void list_sections(struct ex_scan_profile *profile, const struct ex_elf_file *file)
{
	profile->sections = calloc(file->section_count + 1, sizeof(*profile->sections));
	if (!profile->sections)
		abort();
	for (size_t i = 0; i < file->section_count; i++) {
		const char *name = file->sections[i].name;
		if (starts(name, "__llvm_prf_") || starts(name, "__llvm_cov"))
			profile->sections[profile->section_count++] = &file->sections[i];
		profile->is_there |= starts(name, "__llvm_prf_");
	}
}

/* what the runtime's code says, of the segments as the file has them */
static void read_runtime(struct ex_scan_profile *profile, const struct ex_elf_file *file)
{
	struct ex_profile_segment segments[SEGMENTS_MOST];
	struct ex_profile_runtime runtime;
	size_t headers = 0;
	uint64_t left = file->length; /* segments may share a page; more than that is damage */
	int count = 0;
	if (file->header.e_machine != EM_X86_64 || elf_getphdrnum(file->elf, &headers))
		return;
	for (size_t i = 0; i < headers && count < SEGMENTS_MOST; i++) {
		GElf_Phdr segment;
		if (!gelf_getphdr(file->elf, (int)i, &segment) || segment.p_type != PT_LOAD || !segment.p_filesz ||
		    segment.p_offset > file->length || segment.p_filesz > file->length - segment.p_offset ||
		    segment.p_filesz > left)
			continue;
		left -= segment.p_filesz;
		segments[count++] = (struct ex_profile_segment){file->bytes + segment.p_offset, segment.p_vaddr,
								segment.p_filesz, (segment.p_flags & PF_X) != 0};
	}
	if (!ex_profile_runtime(&runtime, segments, count))
		return;
	const struct ex_raw_version *layout = ex_raw_version(runtime.version);
	profile->is_there = 1;
	profile->runtime_version = runtime.version;
	profile->stride_bytes = layout ? layout->record_bytes : 0;
	profile->raw_version = runtime.raw_version;
	profile->file_name = runtime.name;
}

static void read_symbols(struct ex_scan_profile *profile, const struct ex_elf_file *file)
{
	const struct ex_elf_symbol *version = ex_elf_file_symbol(file, "__llvm_profile_raw_version");
	const struct ex_elf_symbol *name = ex_elf_file_symbol(file, "__llvm_profile_filename");
	const unsigned char *at = version ? ex_elf_file_at_symbol(file, version, 8) : NULL;
	if (!profile->raw_version && at) {
		profile->raw_version = ex_profile_u64(at);
		profile->raw_from_symbol = 1;
	}
	/* what stands under the symbol is the name, be it none: the code alone may have led to another string */
	at = name && name->symbol.st_size ? ex_elf_file_at_symbol(file, name, name->symbol.st_size) : NULL;
	if (name)
		profile->file_name = at && *at && !at[name->symbol.st_size - 1] ? (const char *)at : NULL;
}

static void read_names(struct ex_scan_profile *profile, const struct ex_elf_file *file)
{
	size_t left = file->length;
	for (const struct ex_elf_section *section = NULL;
	     (section = ex_elf_file_section(file, "__llvm_prf_names", section));) {
		if (!section->bytes || section->length > left) {
			profile->names.is_damaged |= section->header.sh_size != 0;
			continue;
		}
		left -= section->length;
		ex_scan_names_add(&profile->names, section->bytes, section->length);
	}
	ex_scan_names_done(&profile->names);
}

static void list_runs(struct ex_scan_profile *profile)
{
	size_t room = 0;
	for (size_t i = 0; i < profile->record_count; i++) {
		const struct ex_scan_record *record = &profile->records[i];
		if (profile->run_count && profile->runs[profile->run_count - 1].first->bytes == record->bytes) {
			profile->runs[profile->run_count - 1].count++;
			continue;
		}
		if (profile->run_count == room) {
			room = room ? 2 * room : 16;
			profile->runs = realloc(profile->runs, room * sizeof(*profile->runs));
			if (!profile->runs)
				abort();
		}
		profile->runs[profile->run_count++] = (struct ex_scan_run){record, 1};
	}
}

static int is_of(const struct ex_scan_unit *unit, const struct ex_scan_name *name)
{
	if (!name)
		return !unit->function;
	return unit->function && unit->block == name->block &&
	       (unit->name && name->object ? strcmp(unit->name, name->object) == 0 : unit->name == name->object);
}

static uint64_t hash_of(const struct ex_scan_name *name)
{
	uint64_t hash = name ? name->block + 1 : 0;
	for (const char *at = name && name->object ? name->object : ""; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 0x100000001b3ull;
	return hash;
}

/* the unit of a record, in order of appearance; found again by a hash, since there may be thousands of both */
static void list_units(struct ex_scan_profile *profile)
{
	size_t room = 64;
	while (room < 2 * profile->record_count)
		room *= 2;
	uint32_t *slots = calloc(room, sizeof(*slots)); /* 1 + number of the unit */
	profile->units = calloc(profile->record_count + 1, sizeof(*profile->units));
	if (!slots || !profile->units)
		abort();
	for (size_t i = 0; i < profile->record_count; i++) {
		const struct ex_scan_record *record = &profile->records[i];
		const struct ex_scan_name *name = record->name;
		if (!record->bytes)
			continue;
		size_t slot = hash_of(name) % room;
		while (slots[slot] && !is_of(&profile->units[slots[slot] - 1], name))
			slot = (slot + 1) % room;
		if (!slots[slot]) {
			profile->units[profile->unit_count] =
				(struct ex_scan_unit){.name = name ? name->object : NULL,
						      .function = name ? name->function : NULL,
						      .block = name ? name->block : 0};
			slots[slot] = (uint32_t)++profile->unit_count;
		}
		profile->units[slots[slot] - 1].records[ex_scan_size_of(record->bytes)]++;
	}
	free(slots);
}

void ex_scan_profile_read(struct ex_scan_profile *profile, const struct ex_elf_file *file)
{
	*profile = (struct ex_scan_profile){.is_there = 0};
	list_sections(profile, file);
	if (file->header.e_ident[EI_CLASS] != ELFCLASS64 || file->header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    (file->header.e_type == ET_REL && file->header.e_machine != EM_X86_64 &&
	     file->header.e_machine != EM_AARCH64)) {
		profile->unread = EX_SCAN_FOREIGN;
		return;
	}
	read_runtime(profile, file);
	if (!profile->is_there)
		return;
	read_symbols(profile, file);
	read_names(profile, file);
	ex_scan_records_read(profile, file);
	list_runs(profile);
	list_units(profile);
	const struct ex_elf_section *data = ex_elf_file_section(file, "__llvm_prf_data", NULL);
	if (!data && ex_elf_file_section(file, "__llvm_prf_cnts", NULL))
		profile->unread = EX_SCAN_CORRELATED;
	else if (data && data->header.sh_size && !profile->data_bytes)
		profile->unread = EX_SCAN_DAMAGED;
}

int ex_scan_profile_is_mixed(const struct ex_scan_profile *profile)
{
	unsigned sizes = profile->unparsed_bytes != 0;
	for (unsigned size = 0; size < EX_RECORD_SIZES; size++)
		sizes += profile->by_size[size] != 0;
	return sizes > 1;
}

/* of what[], by size, all that the runtime does not read */
static uint32_t of_others(const struct ex_scan_profile *profile, const uint32_t *what)
{
	uint32_t others = 0;
	for (unsigned size = 0; profile->stride_bytes && size < EX_RECORD_SIZES; size++)
		others += ex_record_bytes(size) == profile->stride_bytes ? 0 : what[size];
	return others;
}

uint32_t ex_scan_profile_misread(const struct ex_scan_profile *profile)
{
	return of_others(profile, profile->by_size);
}

uint32_t ex_scan_profile_misread_sites(const struct ex_scan_profile *profile)
{
	return of_others(profile, profile->with_sites);
}

int ex_scan_profile_is_refused(const struct ex_scan_profile *profile)
{
	return profile->record_count && profile->runtime_version && profile->raw_version &&
	       EX_PROFILE_VERSION(profile->raw_version) != profile->runtime_version;
}

int ex_scan_profile_is_wrong(const struct ex_scan_profile *profile)
{
	return profile->unread == EX_SCAN_DAMAGED || ex_scan_profile_is_mixed(profile) ||
	       ex_scan_profile_misread(profile) || ex_scan_profile_is_refused(profile);
}
