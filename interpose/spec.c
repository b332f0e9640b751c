/*
 * spec.c: see spec.h. Names are looked up in the dynamic symbols in memory, then in .symtab of the file: most exit
 * handlers are static functions, which only .symtab knows.
 */
#include "spec.h"

#include <elf.h>
#include <link.h>

#include "module.h"
#include "options.h"
#include "os/os.h"
#include "text.h"

/* whether the file's symbol table has that name at that offset */
static int has_symbol(const char *path, uint64_t offset, const char *name)
{
	size_t bytes;
	const unsigned char *file = ex_os_file_view(path, &bytes);
	int is_found = 0;
	if (!file)
		return 0;
	const ElfW(Ehdr) *e = (const void *)file;
	if (bytes < sizeof(*e) || memcmp(e->e_ident, ELFMAG, SELFMAG) || e->e_shentsize != sizeof(ElfW(Shdr)) ||
	    e->e_shoff > bytes || (uint64_t)e->e_shnum * sizeof(ElfW(Shdr)) > bytes - e->e_shoff)
		goto out;
	const ElfW(Shdr) *sections = (const void *)(file + e->e_shoff);
	for (int i = 0; i < e->e_shnum && !is_found; i++) {
		const ElfW(Shdr) *s = &sections[i];
		if ((s->sh_type != SHT_SYMTAB && s->sh_type != SHT_DYNSYM) || s->sh_link >= e->e_shnum)
			continue;
		const ElfW(Shdr) *strings = &sections[s->sh_link];
		if (s->sh_offset > bytes || s->sh_size > bytes - s->sh_offset || strings->sh_offset > bytes ||
		    strings->sh_size > bytes - strings->sh_offset || !strings->sh_size)
			continue;
		const ElfW(Sym) *symbols = (const void *)(file + s->sh_offset);
		const char *names = (const char *)file + strings->sh_offset;
		if (names[strings->sh_size - 1])
			continue;
		for (size_t k = 0; k < s->sh_size / sizeof(*symbols) && !is_found; k++)
			is_found = symbols[k].st_value == offset && symbols[k].st_shndx != SHN_UNDEF &&
				   symbols[k].st_name < strings->sh_size && ex_same(names + symbols[k].st_name, name);
	}
out:
	ex_os_unmap((void *)(uintptr_t)file, bytes);
	return is_found;
}

int ex_spec_matches(const struct ex_spec *spec, uintptr_t fn, uint32_t row)
{
	struct ex_module_info module;
	if (spec->row)
		return spec->row == row;
	if (!ex_module_find(fn, &module))
		return 0;
	if (spec->module)
		return fn - module.bias == spec->offset && ex_length(module.name) == spec->module_length &&
		       !memcmp(module.name, spec->module, spec->module_length);
	return spec->symbol && has_symbol(ex_module_path(fn), fn - module.bias, spec->symbol);
}

int ex_spec_is_in(const struct ex_spec *specs, int count, uintptr_t fn, uint32_t row)
{
	for (int i = 0; i < count; i++)
		if (ex_spec_matches(&specs[i], fn, row))
			return 1;
	return 0;
}
