/*
 * elf_file.c: see elf_file.h. libelf reads the tables; that bytes lie inside the file is checked here once more.
 */
#include "elf_file.h"

#include <stdlib.h>
#include <string.h>

static void read_sections(struct ex_elf_file *file)
{
	size_t count = 0, names = 0;
	if (elf_getshdrnum(file->elf, &count) || !count)
		return;
	int has_names = elf_getshdrstrndx(file->elf, &names) == 0;
	file->sections = calloc(count, sizeof(*file->sections));
	if (!file->sections)
		abort();
	for (size_t i = 0; i < count; i++) {
		struct ex_elf_section *section = &file->sections[i];
		Elf_Scn *scn = elf_getscn(file->elf, i);
		section->name = "";
		file->section_count = i + 1;
		if (!scn || !gelf_getshdr(scn, &section->header))
			continue;
		const char *name = has_names ? elf_strptr(file->elf, names, section->header.sh_name) : NULL;
		section->name = name ? name : "";
		uint64_t offset = section->header.sh_offset, length = section->header.sh_size;
		if (section->header.sh_type == SHT_NOBITS || section->header.sh_type == SHT_NULL ||
		    offset > file->length || length > file->length - offset)
			continue;
		section->bytes = file->bytes + offset;
		section->length = length;
	}
}

static int by_name(const void *a, const void *b)
{
	const struct ex_elf_symbol *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : x->is_dynamic - y->is_dynamic;
}

static void add_symbols(struct ex_elf_file *file, size_t index)
{
	const GElf_Shdr *header = &file->sections[index].header;
	Elf_Data *data = elf_getdata(elf_getscn(file->elf, index), NULL);
	size_t each = gelf_fsize(file->elf, ELF_T_SYM, 1, EV_CURRENT);
	size_t count = data && data->d_buf && each ? data->d_size / each : 0;
	if (!count)
		return;
	file->symbols = realloc(file->symbols, (file->symbol_count + count) * sizeof(*file->symbols));
	if (!file->symbols)
		abort();
	for (size_t i = 0; i < count; i++) {
		struct ex_elf_symbol *one = &file->symbols[file->symbol_count];
		if (!gelf_getsym(data, (int)i, &one->symbol) || one->symbol.st_shndx == SHN_UNDEF)
			continue;
		one->name = elf_strptr(file->elf, header->sh_link, one->symbol.st_name);
		one->is_dynamic = header->sh_type == SHT_DYNSYM;
		file->symbol_count += one->name && *one->name && GELF_ST_TYPE(one->symbol.st_info) != STT_FILE;
	}
}

int ex_elf_file_open(struct ex_elf_file *file, unsigned char *bytes, size_t length)
{
	*file = (struct ex_elf_file){.bytes = bytes, .length = length};
	elf_version(EV_CURRENT);
	if (length < EI_NIDENT || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return 0;
	file->elf = elf_memory((char *)bytes, length);
	if (!file->elf || elf_kind(file->elf) != ELF_K_ELF || !gelf_getehdr(file->elf, &file->header)) {
		ex_elf_file_close(file);
		return 0;
	}
	read_sections(file);
	/* one table of each kind is all that a file may have */
	for (unsigned type = SHT_SYMTAB; type; type = type == SHT_SYMTAB ? SHT_DYNSYM : 0)
		for (size_t i = 0; i < file->section_count; i++)
			if (file->sections[i].header.sh_type == type) {
				file->has_symtab |= type == SHT_SYMTAB;
				add_symbols(file, i);
				break;
			}
	if (file->symbol_count)
		qsort(file->symbols, file->symbol_count, sizeof(*file->symbols), by_name);
	return 1;
}

void ex_elf_file_close(struct ex_elf_file *file)
{
	if (file->elf)
		elf_end(file->elf);
	free(file->sections);
	free(file->symbols);
	*file = (struct ex_elf_file){.bytes = NULL};
}

const struct ex_elf_section *ex_elf_file_section(const struct ex_elf_file *file, const char *name,
						 const struct ex_elf_section *previous)
{
	for (size_t i = previous ? (size_t)(previous - file->sections) + 1 : 0; i < file->section_count; i++)
		if (strcmp(file->sections[i].name, name) == 0)
			return &file->sections[i];
	return NULL;
}

const struct ex_elf_symbol *ex_elf_file_symbol(const struct ex_elf_file *file, const char *name)
{
	size_t low = 0, high = file->symbol_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (strcmp(file->symbols[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < file->symbol_count && strcmp(file->symbols[low].name, name) == 0 ? &file->symbols[low] : NULL;
}

const unsigned char *ex_elf_file_at_symbol(const struct ex_elf_file *file, const struct ex_elf_symbol *symbol,
					   size_t length)
{
	size_t index = symbol->symbol.st_shndx;
	if (index >= file->section_count || !file->sections[index].bytes)
		return NULL;
	const struct ex_elf_section *section = &file->sections[index];
	uint64_t offset = symbol->symbol.st_value - (file->header.e_type == ET_REL ? 0 : section->header.sh_addr);
	return offset <= section->length && length <= section->length - offset ? section->bytes + offset : NULL;
}

const unsigned char *ex_elf_file_at(const struct ex_elf_file *file, uint64_t address, size_t length, size_t *left)
{
	size_t count = 0;
	GElf_Phdr segment;
	if (elf_getphdrnum(file->elf, &count))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(file->elf, (int)i, &segment) || segment.p_type != PT_LOAD)
			continue;
		uint64_t offset = address - segment.p_vaddr;
		if (address < segment.p_vaddr || offset > segment.p_filesz || segment.p_filesz - offset < length ||
		    segment.p_offset > file->length || segment.p_filesz > file->length - segment.p_offset)
			continue;
		if (left)
			*left = segment.p_filesz - offset;
		return file->bytes + segment.p_offset + offset;
	}
	return NULL;
}
