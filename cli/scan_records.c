/*
 * scan_records.c: the records of __llvm_prf_data in a file. In a linked file all addresses are there. In a relocatable one
 * sections have none, each function may have sections of its own, and a record's pointer to its counters is a relocation:
 * so the sections get addresses, one behind the other, and the relocation is applied to a copy.
 */
#include "scan_profile.h"

#include <stdlib.h>
#include <string.h>

#define COUNTS_BASE 0x10000000000ull /* of a relocatable file's counters; its records follow */
#define DATA_BASE 0x20000000000ull

struct walk {
	struct ex_scan_profile *profile;
	const struct ex_elf_file *file;
	const struct ex_elf_section *section; /* whose records are read */
	const unsigned char *bytes;	      /* of it, relocated */
	size_t room;
	/* of a relocatable file, by number of section */
	uint64_t *bases;     /* address that it got, 0: none */
	uint32_t *relocated; /* section that has its relocations, 0: none */
	Elf_Data *wide;	     /* section numbers of symbols, where they need more than 16 bits; NULL */
};

static uint32_t count_sites(const unsigned char *record, unsigned bytes, const struct ex_raw_version *layout)
{
	uint32_t sites = 0;
	for (unsigned kind = 0; kind < layout->kinds && layout->sites_at + 2 * kind + 2 <= bytes; kind++)
		sites += ex_profile_u16(record + layout->sites_at + 2 * kind);
	return sites;
}

static void take_record(void *arg, uint64_t offset, unsigned bytes)
{
	struct walk *walk = arg;
	struct ex_scan_profile *profile = walk->profile;
	if (profile->record_count == walk->room) {
		walk->room = walk->room ? 2 * walk->room : 64;
		profile->records = realloc(profile->records, walk->room * sizeof(*profile->records));
		if (!profile->records)
			abort();
	}
	struct ex_scan_record *record = &profile->records[profile->record_count++];
	*record = (struct ex_scan_record){.offset = walk->section->header.sh_offset + offset, .bytes = bytes};
	if (!bytes) {
		profile->unparsed_bytes += 8;
		return;
	}
	const unsigned char *at = walk->bytes + offset;
	/* of versions 9 and 10 the newer: what is the third kind's in one is the low half of a length in the other, 0 as a rule */
	const struct ex_raw_version *layout = ex_raw_version_of(bytes);
	unsigned size = ex_scan_size_of(bytes);
	record->counters = ex_profile_u32(at + layout->counters_at);
	record->sites = count_sites(at, bytes, layout);
	record->name = ex_scan_names_find(&profile->names, ex_profile_u64(at));
	profile->by_size[size]++;
	profile->with_sites[size] += record->sites != 0;
	profile->named += record->name != NULL;
}

/* sections of a file do not overlap: what has more bytes than the file is damaged */
static int may_walk(const struct walk *walk)
{
	return walk->section->bytes && walk->section->length <= walk->file->length - walk->profile->data_bytes;
}

static void walk_section(struct walk *walk, struct ex_profile_sections *sections)
{
	sections->records = walk->bytes;
	sections->data_bytes = walk->section->length;
	void *scratch = calloc(1, ex_profile_scratch_bytes(sections));
	if (!scratch)
		abort();
	ex_profile_walk(sections, scratch, take_record, walk);
	free(scratch);
	walk->profile->data_bytes += walk->section->length;
	walk->profile->unparsed_bytes += walk->section->length % 8;
}

static void walk_linked(struct walk *walk, struct ex_profile_sections *sections)
{
	const struct ex_elf_section *counts = ex_elf_file_section(walk->file, "__llvm_prf_cnts", NULL);
	const struct ex_elf_section *bits = ex_elf_file_section(walk->file, "__llvm_prf_bits", NULL);
	if (counts) {
		sections->counts = counts->header.sh_addr;
		sections->counts_bytes = counts->header.sh_size;
	}
	if (bits) {
		sections->bits = bits->header.sh_addr;
		sections->bits_bytes = bits->header.sh_size;
	}
	while ((walk->section = ex_elf_file_section(walk->file, "__llvm_prf_data", walk->section))) {
		sections->data = walk->section->header.sh_addr;
		walk->bytes = walk->section->bytes;
		if (may_walk(walk))
			walk_section(walk, sections);
	}
}

/* gives the sections of that name addresses from begin on; returns the first behind them */
static uint64_t place(const struct walk *walk, const char *name, uint64_t begin)
{
	for (const struct ex_elf_section *section = NULL; (section = ex_elf_file_section(walk->file, name, section));) {
		if (section->header.sh_size > walk->file->length)
			continue;
		walk->bases[section - walk->file->sections] = begin;
		begin += (section->header.sh_size + 7) & ~7ull;
	}
	return begin;
}

static int is_relative(const struct ex_elf_file *file, uint64_t info)
{
	return (file->header.e_machine == EM_X86_64 && GELF_R_TYPE(info) == R_X86_64_PC64) ||
	       (file->header.e_machine == EM_AARCH64 && GELF_R_TYPE(info) == R_AARCH64_PREL64);
}

/* address of the symbol by number, as the sections were placed; 0: it is in none of these */
static uint64_t symbol_address(const struct walk *walk, size_t table, size_t number)
{
	GElf_Sym symbol;
	Elf32_Word extended = 0;
	Elf_Data *data = elf_getdata(elf_getscn(walk->file->elf, table), NULL);
	if (!data || number > INT32_MAX || !gelf_getsymshndx(data, walk->wide, (int)number, &symbol, &extended))
		return 0;
	size_t section = symbol.st_shndx == SHN_XINDEX ? extended : symbol.st_shndx;
	if (section >= walk->file->section_count || !walk->bases[section])
		return 0;
	return walk->bases[section] + symbol.st_value;
}

/* applies the relocations of the section, as far as they lead to counters and bitmaps, to a copy of it */
static void relocate(const struct walk *walk, unsigned char *copy)
{
	size_t target = (size_t)(walk->section - walk->file->sections), table = walk->relocated[target];
	Elf_Data *data = table ? elf_getdata(elf_getscn(walk->file->elf, table), NULL) : NULL;
	size_t count = data && data->d_buf ? data->d_size / sizeof(Elf64_Rela) : 0;
	for (size_t n = 0; n < count && n < INT32_MAX; n++) {
		GElf_Rela rela;
		if (!gelf_getrela(data, (int)n, &rela) || !is_relative(walk->file, rela.r_info) ||
		    rela.r_offset > walk->section->length || walk->section->length - rela.r_offset < 8)
			continue;
		uint64_t symbol =
			symbol_address(walk, walk->file->sections[table].header.sh_link, GELF_R_SYM(rela.r_info));
		uint64_t value = symbol + (uint64_t)rela.r_addend - (walk->bases[target] + rela.r_offset);
		if (symbol)
			memcpy(copy + rela.r_offset, &value, 8);
	}
}

static void walk_relocatable(struct walk *walk, struct ex_profile_sections *sections)
{
	size_t count = walk->file->section_count;
	walk->bases = calloc(count + 1, sizeof(*walk->bases));
	walk->relocated = calloc(count + 1, sizeof(*walk->relocated));
	if (!walk->bases || !walk->relocated)
		abort();
	sections->counts = COUNTS_BASE;
	sections->bits = place(walk, "__llvm_prf_cnts", COUNTS_BASE);
	sections->counts_bytes = sections->bits - sections->counts;
	sections->bits_bytes = place(walk, "__llvm_prf_bits", sections->bits) - sections->bits;
	place(walk, "__llvm_prf_data", DATA_BASE);
	for (size_t i = 0; i < count; i++) {
		const GElf_Shdr *header = &walk->file->sections[i].header;
		if (header->sh_type == SHT_RELA && header->sh_info < count)
			walk->relocated[header->sh_info] = (uint32_t)i;
		else if (header->sh_type == SHT_SYMTAB_SHNDX)
			walk->wide = elf_getdata(elf_getscn(walk->file->elf, i), NULL);
	}
	while ((walk->section = ex_elf_file_section(walk->file, "__llvm_prf_data", walk->section))) {
		if (!may_walk(walk))
			continue;
		unsigned char *copy = malloc(walk->section->length + 1);
		if (!copy)
			abort();
		memcpy(copy, walk->section->bytes, walk->section->length);
		relocate(walk, copy);
		sections->data = walk->bases[walk->section - walk->file->sections];
		walk->bytes = copy;
		walk_section(walk, sections);
		free(copy);
	}
	free(walk->bases);
	free(walk->relocated);
}

/* where no runtime says it, the section does: the linker aligns it as its widest counter asks for */
static unsigned counter_bytes(const struct ex_scan_profile *profile, const struct ex_elf_file *file)
{
	const struct ex_elf_section *section = ex_elf_file_section(file, "__llvm_prf_cnts", NULL);
	if (profile->raw_version)
		return profile->raw_version & EX_PROFILE_BYTE_COVERAGE ? 1 : 8;
	return section && section->header.sh_addralign < 8 ? 1 : 8;
}

void ex_scan_records_read(struct ex_scan_profile *profile, const struct ex_elf_file *file)
{
	struct walk walk = {.profile = profile, .file = file};
	struct ex_profile_sections sections = {.counter_bytes = counter_bytes(profile, file)};
	if (file->header.e_type == ET_REL)
		walk_relocatable(&walk, &sections);
	else
		walk_linked(&walk, &sections);
}
