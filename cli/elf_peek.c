/*
 * elf_peek.c: what a launcher must know of an ELF file, from its headers, dynamic section and dynamic symbols.
 * Must never trust the file: libelf checks the bounds, names are taken through it only.
 */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* this exeunt's own header says what is native, without a list of processors */
static int is_foreign(const GElf_Ehdr *header)
{
	unsigned char own[20];
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), known = 0;
	if (fd >= 0) {
		known = read(fd, own, sizeof(own)) == (ssize_t)sizeof(own);
		close(fd);
	}
	if (!known)
		return 0;
	unsigned machine = own[EI_DATA] == ELFDATA2LSB ? own[18] | own[19] << 8 : own[19] | own[18] << 8;
	return own[EI_CLASS] != header->e_ident[EI_CLASS] || own[EI_DATA] != header->e_ident[EI_DATA] ||
	       machine != header->e_machine;
}

/* soname of the dynamic linker itself: it has no PT_INTERP, and honours LD_PRELOAD for the program it is given */
static int is_linker(const char *soname)
{
	return starts(soname, "ld-linux") || starts(soname, "ld.so.") || starts(soname, "ld64.so.");
}

static void peek_dynamic(struct ex_elf *out, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t entries = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0, needed = 0;
	out->needed = calloc(entries + 1, sizeof(*out->needed));
	for (size_t i = 0; i < entries; i++) {
		GElf_Dyn entry;
		if (!gelf_getdyn(data, (int)i, &entry) || entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag != DT_NEEDED && entry.d_tag != DT_SONAME && entry.d_tag != DT_RPATH &&
		    entry.d_tag != DT_RUNPATH)
			continue;
		const char *name = elf_strptr(elf, header->sh_link, entry.d_un.d_val);
		if (!name)
			continue;
		name = strdup(name);
		if (entry.d_tag == DT_NEEDED) {
			if (out->needed)
				out->needed[needed++] = name;
			if (starts(name, "libasan.so") || starts(name, "libclang_rt.asan"))
				out->asan = name;
		} else if (entry.d_tag == DT_SONAME) {
			out->is_dynamic |= is_linker(name);
		} else if (entry.d_tag == DT_RUNPATH || !*out->search) {
			out->search = name;
		}
	}
}

/* the table is asked for once, and not for each of its names: 20 ms of a large Rust program's start went there */
static void peek_symbols(struct ex_elf *out, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL), *names = elf_getdata(elf_getscn(elf, header->sh_link), NULL);
	size_t entries = data && header->sh_entsize ? data->d_size / header->sh_entsize : 0;
	const char *text = names ? names->d_buf : NULL;
	if (!text || !names->d_size || text[names->d_size - 1])
		return;
	for (size_t i = 0; i < entries; i++) {
		GElf_Sym symbol;
		if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF ||
		    symbol.st_name >= names->d_size)
			continue;
		const char *name = text + symbol.st_name;
		out->exports_malloc |= header->sh_type == SHT_DYNSYM && !strcmp(name, "malloc");
		out->has_static_asan |= !strcmp(name, "__asan_init");
		out->is_profiled |= starts(name, "__llvm_profile_");
	}
}

static void peek_sections(struct ex_elf *out, Elf *elf)
{
	size_t names = 0;
	Elf_Scn *section = NULL;
	elf_getshdrstrndx(elf, &names);
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		if (!gelf_getshdr(section, &header))
			continue;
		const char *name = elf_strptr(elf, names, header.sh_name);
		out->is_profiled |= name && !strcmp(name, "__llvm_prf_cnts");
		if (header.sh_type == SHT_DYNAMIC)
			peek_dynamic(out, elf, section, &header);
		else if (header.sh_type == SHT_DYNSYM || header.sh_type == SHT_SYMTAB)
			peek_symbols(out, elf, section, &header);
	}
}

int ex_elf_peek(struct ex_elf *out, const char *path)
{
	unsigned char magic[SELFMAG];
	GElf_Ehdr header;
	size_t segments = 0;
	out->search = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	out->is_elf = read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) && !memcmp(magic, ELFMAG, SELFMAG);
	if (!out->is_elf) {
		close(fd);
		return 0;
	}
	elf_version(EV_CURRENT);
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || !gelf_getehdr(elf, &header))
		goto out;
	out->is_foreign = is_foreign(&header);
	if (elf_getphdrnum(elf, &segments) || !segments || (header.e_type != ET_EXEC && header.e_type != ET_DYN))
		goto out;
	for (size_t i = 0; i < segments; i++) {
		GElf_Phdr segment;
		if (!gelf_getphdr(elf, (int)i, &segment))
			goto out;
		if (segment.p_type != PT_INTERP || !segment.p_filesz || segment.p_filesz > 4096)
			continue;
		char *interp = calloc(1, segment.p_filesz + 1);
		if (interp && pread(fd, interp, segment.p_filesz, (off_t)segment.p_offset) > 0)
			out->interp = interp;
		out->is_dynamic = 1;
	}
	out->is_whole = 1;
	peek_sections(out, elf);
out:
	if (elf)
		elf_end(elf);
	close(fd);
	return 0;
}
