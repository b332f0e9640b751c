/*
 * object_elf.c: what is read from an object's ELF file beyond names: where functions begin, bytes that no process
 * changes, what it offers and needs. Must never look at memory a process could write.
 */
#include "object.h"

#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

static Elf *elf_of(struct ex_object *object, Dwarf_Addr *bias)
{
	return object->dwfl_module ? dwfl_module_getelf(object->dwfl_module, bias) : NULL;
}

/* the binary search table of .eh_frame_hdr in its one common form: pairs of 32-bit offsets from its own start */
uint64_t ex_object_function(struct ex_object *object, uint64_t address)
{
	Dwarf_Addr bias, cfi_bias;
	Elf *elf = elf_of(object, &bias);
	Dwarf_CFI *cfi = elf ? dwfl_module_eh_cfi(object->dwfl_module, &cfi_bias) : NULL;
	Dwarf_Frame *frame;
	if (!cfi || dwarf_cfi_addrframe(cfi, address - cfi_bias, &frame) != 0)
		return 0; /* between functions, or none of this object */
	free(frame);
	size_t count = 0;
	GElf_Phdr segment;
	elf_getphdrnum(elf, &count);
	for (size_t n = 0; n < count; n++) {
		if (!gelf_getphdr(elf, (int)n, &segment) || segment.p_type != PT_GNU_EH_FRAME)
			continue;
		Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)segment.p_offset, segment.p_filesz, ELF_T_BYTE);
		const unsigned char *bytes = data ? data->d_buf : NULL;
		uint32_t entries;
		if (!bytes || data->d_size < 12 || bytes[0] != 1 || bytes[1] != 0x1b || bytes[2] != 0x03 ||
		    bytes[3] != 0x3b)
			return 0;
		memcpy(&entries, bytes + 8, sizeof(entries));
		if (entries > (data->d_size - 12) / 8)
			return 0;
		uint64_t base = segment.p_vaddr + bias, best = 0;
		for (uint32_t low = 0, high = entries; low < high;) {
			uint32_t mid = low + (high - low) / 2;
			int32_t offset;
			memcpy(&offset, bytes + 12 + mid * 8, sizeof(offset));
			uint64_t start = base + (uint64_t)(int64_t)offset;
			if (start <= address) {
				best = start;
				low = mid + 1;
			} else {
				high = mid;
			}
		}
		return best;
	}
	return 0;
}

const char *ex_object_data_section(struct ex_object *object, uint64_t address)
{
	Dwarf_Addr bias;
	size_t names;
	Elf *elf = elf_of(object, &bias);
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	if (!elf || elf_getshdrstrndx(elf, &names) != 0)
		return NULL;
	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && (header.sh_flags & SHF_ALLOC) &&
		    !(header.sh_flags & (SHF_EXECINSTR | SHF_TLS)) && address - bias >= header.sh_addr &&
		    address - bias < header.sh_addr + header.sh_size)
			return elf_strptr(elf, names, header.sh_name);
	return NULL;
}

int ex_object_read(struct ex_object *object, uint64_t address, void *buffer, size_t length)
{
	Dwarf_Addr bias;
	Elf *elf = elf_of(object, &bias);
	size_t count = 0;
	GElf_Phdr segment;
	if (!elf || elf_getphdrnum(elf, &count) != 0)
		return 0;
	for (size_t n = 0; n < count; n++) {
		if (!gelf_getphdr(elf, (int)n, &segment) || segment.p_type != PT_LOAD || segment.p_flags & PF_W)
			continue; /* what the process could write, the file does not know */
		uint64_t begin = segment.p_vaddr + bias;
		if (address < begin || address - begin > segment.p_filesz ||
		    segment.p_filesz - (address - begin) < length)
			continue;
		Elf_Data *data =
			elf_getdata_rawchunk(elf, (int64_t)(segment.p_offset + (address - begin)), length, ELF_T_BYTE);
		if (!data || data->d_size < length)
			return 0;
		memcpy(buffer, data->d_buf, length);
		return 1;
	}
	return 0;
}

uint64_t ex_object_exports(struct ex_object *object, const char *name)
{
	Dwarf_Addr bias;
	Elf *elf = elf_of(object, &bias);
	for (Elf_Scn *section = NULL; elf && (section = elf_nextscn(elf, section));) {
		GElf_Shdr header;
		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNSYM || !header.sh_entsize)
			continue;
		Elf_Data *data = elf_getdata(section, NULL);
		GElf_Sym symbol;
		for (int n = 0; data && n < (int)(header.sh_size / header.sh_entsize); n++) {
			if (!gelf_getsym(data, n, &symbol) || symbol.st_shndx == SHN_UNDEF)
				continue;
			const char *text = elf_strptr(elf, header.sh_link, symbol.st_name);
			if (text && strcmp(text, name) == 0)
				return symbol.st_value + bias;
		}
	}
	return 0;
}

/* text of the first entry with that tag (and, when wanted, that text) in the dynamic section */
static const char *dynamic_text(struct ex_object *object, int64_t tag, const char *wanted)
{
	Dwarf_Addr bias;
	Elf *elf = elf_of(object, &bias);
	for (Elf_Scn *section = NULL; elf && (section = elf_nextscn(elf, section));) {
		GElf_Shdr header;
		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNAMIC || !header.sh_entsize)
			continue;
		Elf_Data *data = elf_getdata(section, NULL);
		GElf_Dyn entry;
		for (int n = 0; data && n < (int)(header.sh_size / header.sh_entsize); n++) {
			if (!gelf_getdyn(data, n, &entry) || entry.d_tag != tag)
				continue;
			const char *text = elf_strptr(elf, header.sh_link, entry.d_un.d_val);
			if (text && (!wanted || strcmp(text, wanted) == 0))
				return text;
		}
	}
	return NULL;
}

const char *ex_object_soname(struct ex_object *object)
{
	const char *soname = dynamic_text(object, DT_SONAME, NULL), *slash = strrchr(object->module->path, '/');
	return soname ? soname : slash ? slash + 1 : object->module->path;
}

int ex_object_needs(struct ex_object *object, const char *soname)
{
	return dynamic_text(object, DT_NEEDED, soname) != NULL;
}
