/*
 * elf_file.h: an ELF file, or a member of an archive, as bytes in memory: its sections by name, its symbols, its bytes by
 * address. Nothing in it is trusted; whoever asks gets what lies inside the file, or nothing.
 */
#ifndef EX_ELF_FILE_H
#define EX_ELF_FILE_H

#include <gelf.h>
#include <stddef.h>
#include <stdint.h>

struct ex_elf_section {
	const char *name; /* "" when it has none */
	GElf_Shdr header;
	const unsigned char *bytes; /* NULL: nothing of it is in the file */
	size_t length;		    /* of bytes */
};

struct ex_elf_symbol {
	const char *name;
	GElf_Sym symbol;
	int is_dynamic;
};

struct ex_elf_file {
	const unsigned char *bytes;
	size_t length;
	Elf *elf;
	GElf_Ehdr header;
	struct ex_elf_section *sections; /* the first is section 0 */
	size_t section_count;
	struct ex_elf_symbol *symbols; /* those with a name and a value, by name; .symtab's first */
	size_t symbol_count;
	int has_symtab;
};

/* bytes must stay as they are until it is closed, and be writable for libelf's sake; 0: not an ELF file, or too damaged */
int ex_elf_file_open(struct ex_elf_file *file, unsigned char *bytes, size_t length);
void ex_elf_file_close(struct ex_elf_file *file);

/* the next section of that name behind previous (NULL: the first), NULL */
const struct ex_elf_section *ex_elf_file_section(const struct ex_elf_file *file, const char *name,
						 const struct ex_elf_section *previous);
/* the symbol of that name that is defined here, NULL */
const struct ex_elf_symbol *ex_elf_file_symbol(const struct ex_elf_file *file, const char *name);
/* bytes that the symbol names, at least length of them, NULL: not in the file */
const unsigned char *ex_elf_file_at_symbol(const struct ex_elf_file *file, const struct ex_elf_symbol *symbol,
					   size_t length);
/* bytes that a loaded segment has at that address, at least length of them; NULL. left, if not NULL: how many there are */
const unsigned char *ex_elf_file_at(const struct ex_elf_file *file, uint64_t address, size_t length, size_t *left);

#endif
