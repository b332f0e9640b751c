/*
 * scan_elf.c: see scan_elf.h.
 */
#include "scan_elf.h"

#include "compilers.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NOTES_MOST (1u << 16) /* bytes of a section of notes */

static const char *machine_text(const GElf_Ehdr *header)
{
	static const struct {
		unsigned machine;
		const char *text;
	} known[] = {{EM_X86_64, "x86-64"}, {EM_386, "i386"},	 {EM_AARCH64, "AArch64"}, {EM_ARM, "ARM"},
		     {EM_RISCV, "RISC-V"},  {EM_PPC64, "PPC64"}, {EM_S390, "S/390"},	  {EM_BPF, "BPF"}};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].machine == header->e_machine)
			return known[i].text;
	return ex_format("machine %u", header->e_machine);
}

/* text up to its NUL inside the bytes, copied; NULL: there is none */
static const char *text_at(const unsigned char *bytes, size_t length)
{
	return bytes && memchr(bytes, 0, length) ? ex_format("%s", (const char *)bytes) : NULL;
}

static void read_build_id(struct ex_scan_elf *elf, const struct ex_elf_section *section)
{
	size_t at = 0;
	while (section->bytes && section->length - at >= 12 && !elf->build_id) {
		uint32_t words[3]; /* lengths of name and content, type */
		memcpy(words, section->bytes + at, sizeof(words));
		uint64_t name = (words[0] + 3ull) & ~3ull, content = words[1];
		at += sizeof(words);
		if (name > section->length - at || content > section->length - at - name)
			return;
		if (words[2] == NT_GNU_BUILD_ID && words[0] == 4 && !memcmp(section->bytes + at, "GNU", 4) && content &&
		    content <= 64) {
			char *hex = calloc(2, content + 1);
			if (!hex)
				abort();
			for (size_t i = 0; i < content; i++)
				snprintf(hex + 2 * i, 3, "%02x", section->bytes[at + name + i]);
			elf->build_id = hex;
		}
		uint64_t step = name + ((content + 3) & ~3ull);
		if (step > section->length - at)
			return;
		at += step;
	}
}

static void read_segments(struct ex_scan_elf *elf, const struct ex_elf_file *file)
{
	size_t count = 0;
	GElf_Phdr segment;
	elf->relro = "none";
	if (elf_getphdrnum(file->elf, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(file->elf, (int)i, &segment))
			continue;
		if (segment.p_type == PT_GNU_RELRO)
			elf->relro = "partial";
		if (segment.p_type == PT_INTERP && segment.p_offset < file->length)
			elf->interpreter = text_at(file->bytes + segment.p_offset, file->length - segment.p_offset);
	}
}

/* is_now: all of the GOT is bound, and can be made read-only, when the file is loaded */
static void read_dynamic(struct ex_scan_elf *elf, const struct ex_elf_file *file, size_t index)
{
	int is_now = 0, is_pie = 0, has_soname = 0;
	Elf_Data *data = elf_getdata(elf_getscn(file->elf, index), NULL);
	size_t each = gelf_fsize(file->elf, ELF_T_DYN, 1, EV_CURRENT);
	size_t count = data && data->d_buf && each ? data->d_size / each : 0;
	for (size_t i = 0; i < count && i < INT32_MAX; i++) {
		GElf_Dyn entry;
		if (!gelf_getdyn(data, (int)i, &entry) || entry.d_tag == DT_NULL)
			break;
		is_now |= entry.d_tag == DT_BIND_NOW || (entry.d_tag == DT_FLAGS && entry.d_un.d_val & DF_BIND_NOW) ||
			  (entry.d_tag == DT_FLAGS_1 && entry.d_un.d_val & DF_1_NOW);
		is_pie |= entry.d_tag == DT_FLAGS_1 && entry.d_un.d_val & DF_1_PIE;
		has_soname |= entry.d_tag == DT_SONAME;
	}
	if (file->header.e_type == ET_DYN && (has_soname || (!elf->interpreter && !is_pie)))
		elf->kind = "shared object";
	if (is_now && strcmp(elf->relro, "partial") == 0)
		elf->relro = "full";
	/* a static PIE has a dynamic section too, and no one to read it */
	if (elf->interpreter || strcmp(elf->kind, "shared object") == 0)
		elf->linkage = "dynamic";
}

static void read_comment(struct ex_scan_elf *elf, const struct ex_elf_section *comment)
{
	const char *at = comment ? (const char *)comment->bytes : NULL, *end = at ? at + comment->length : NULL;
	while (at && at < end) {
		size_t length = strnlen(at, (size_t)(end - at));
		int is_new = length != 0;
		for (size_t i = 0; i < elf->compiler_count && is_new; i++)
			is_new = strlen(elf->compilers[i].text) != length ||
				 memcmp(elf->compilers[i].text, at, length) != 0;
		/* one more is dropped: a linker has merged equal ones already */
		if (is_new && elf->compiler_count < 64) {
			elf->compilers = realloc(elf->compilers, (elf->compiler_count + 1) * sizeof(*elf->compilers));
			if (!elf->compilers)
				abort();
			elf->compilers[elf->compiler_count].text = ex_format("%.*s", (int)length, at);
			elf->compilers[elf->compiler_count++].llvm = ex_compiler_llvm(at, length);
		}
		at += length + 1;
	}
}

static void read_malloc(struct ex_scan_elf *elf, const struct ex_elf_file *file)
{
	const struct ex_elf_symbol *symbol = ex_elf_file_symbol(file, "malloc");
	const struct ex_elf_symbol *end = file->symbols + file->symbol_count;
	int is_offered = file->header.e_type == ET_REL;
	elf->malloc = symbol ? "inside" : NULL;
	for (; symbol && symbol < end && strcmp(symbol->name, "malloc") == 0; symbol++)
		is_offered |= symbol->is_dynamic;
	if (elf->malloc && is_offered)
		elf->malloc = "offered";
}

const char *ex_scan_elf_read(struct ex_scan_elf *elf, const struct ex_elf_file *file)
{
	const GElf_Ehdr *header = &file->header;
	*elf = (struct ex_scan_elf){.machine = machine_text(header),
				    .is_64 = header->e_ident[EI_CLASS] == ELFCLASS64,
				    .is_little = header->e_ident[EI_DATA] == ELFDATA2LSB,
				    .is_stripped = !file->has_symtab};
	if (header->e_type == ET_CORE)
		return "a core file; scan the program that it is of";
	if (header->e_type != ET_REL && header->e_type != ET_EXEC && header->e_type != ET_DYN)
		return "an ELF file of no known type";
	if (!file->section_count)
		return "an ELF file without a section table, or with a damaged one";
	elf->kind = header->e_type == ET_REL ? "object" : "executable";
	if (header->e_type != ET_REL) {
		elf->linkage = "static";
		read_segments(elf, file);
	}
	size_t dynamic = 0;
	for (size_t i = 0; i < file->section_count; i++) {
		const struct ex_elf_section *section = &file->sections[i];
		if (section->header.sh_type == SHT_NOTE && elf->is_little && section->length < NOTES_MOST)
			read_build_id(elf, section);
		else if (section->header.sh_type == SHT_DYNAMIC && header->e_type != ET_REL)
			dynamic = i;
	}
	if (dynamic)
		read_dynamic(elf, file, dynamic);
	read_comment(elf, ex_elf_file_section(file, ".comment", NULL));
	read_malloc(elf, file);
	ex_scan_allocators_read(elf, file);
	ex_scan_profile_read(&elf->profile, file);
	return NULL;
}
