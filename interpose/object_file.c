/*
 * object_file.c: see object_file.h. The file may have been replaced since it was loaded (a package was upgraded, a program
 * was built again): its ELF and program headers must be those in memory. Nothing of it is trusted beyond that.
 */
#include "object_file.h"

#include "os/os.h"
#include "text.h"

static int is_within(const struct ex_object_file *file, uint64_t at, uint64_t bytes)
{
	return at <= file->count && bytes <= file->count - at;
}

static int is_loaded(const struct ex_object_file *file, uintptr_t begin)
{
	unsigned char loaded[1024];
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)file->bytes;
	size_t bytes = header->e_phoff + header->e_phnum * sizeof(Elf64_Phdr);
	if (header->e_phoff > sizeof(loaded) || bytes > sizeof(loaded))
		bytes = sizeof(*header);
	return is_within(file, 0, bytes) && ex_os_peek(loaded, begin, bytes) == bytes &&
	       !memcmp(loaded, file->bytes, bytes);
}

static int find_sections(struct ex_object_file *file)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)file->bytes;
	if (!header->e_shoff || header->e_shoff % 8 || header->e_shentsize != sizeof(Elf64_Shdr) ||
	    header->e_shstrndx >= header->e_shnum ||
	    !is_within(file, header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr)))
		return 0;
	file->sections = (const Elf64_Shdr *)(file->bytes + header->e_shoff);
	file->section_count = header->e_shnum;
	const Elf64_Shdr *names = &file->sections[header->e_shstrndx];
	file->names = ex_object_file_bytes(file, names);
	file->names_bytes = names->sh_size;
	return file->names && file->names_bytes && !file->names[file->names_bytes - 1];
}

int ex_object_file_open(struct ex_object_file *file, const char *path, uintptr_t begin)
{
	*file = (struct ex_object_file){NULL, 0, NULL, 0, NULL, 0};
	file->bytes = ex_os_file_view(path, &file->count);
	if (!file->bytes)
		return 0;
	if (file->count >= sizeof(Elf64_Ehdr) && !memcmp(file->bytes, ELFMAG, SELFMAG) &&
	    file->bytes[EI_CLASS] == ELFCLASS64 && is_loaded(file, begin) && find_sections(file))
		return 1;
	ex_object_file_close(file);
	return 0;
}

void ex_object_file_close(struct ex_object_file *file)
{
	if (file->bytes)
		ex_os_unmap((void *)(uintptr_t)file->bytes, file->count);
	file->bytes = NULL;
}

const Elf64_Shdr *ex_object_file_section(const struct ex_object_file *file, const char *name)
{
	for (unsigned i = 0; i < file->section_count; i++)
		if (file->sections[i].sh_name < file->names_bytes &&
		    ex_same(file->names + file->sections[i].sh_name, name))
			return &file->sections[i];
	return NULL;
}

const void *ex_object_file_bytes(const struct ex_object_file *file, const Elf64_Shdr *section)
{
	if (!section || section->sh_type == SHT_NOBITS || !is_within(file, section->sh_offset, section->sh_size))
		return NULL;
	return file->bytes + section->sh_offset;
}

void ex_object_file_symbols(const struct ex_object_file *file,
			    void (*each)(void *arg, const char *name, const Elf64_Sym *symbol), void *arg)
{
	const Elf64_Shdr *table = ex_object_file_section(file, ".symtab");
	const Elf64_Shdr *strings =
		table && table->sh_link < file->section_count ? &file->sections[table->sh_link] : NULL;
	const Elf64_Sym *symbols = ex_object_file_bytes(file, table);
	const char *names = ex_object_file_bytes(file, strings);
	if (!symbols || table->sh_offset % 8 || !names || !strings->sh_size || names[strings->sh_size - 1])
		return;
	for (uint64_t i = 0; i < table->sh_size / sizeof(*symbols); i++)
		if (symbols[i].st_shndx != SHN_UNDEF && symbols[i].st_name < strings->sh_size)
			each(arg, names + symbols[i].st_name, &symbols[i]);
}
