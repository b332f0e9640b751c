/*
 * object_file.h: the file behind a loaded object: its section table and .symtab, which are not mapped with it.
 */
#ifndef EX_OBJECT_FILE_H
#define EX_OBJECT_FILE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

struct ex_object_file {
	const unsigned char *bytes; /* mapped read-only */
	size_t count;
	const Elf64_Shdr *sections;
	unsigned section_count;
	const char *names; /* of sections; ends with a NUL */
	size_t names_bytes;
};

/* 1, or 0 when it cannot be read or is another file than the one that was loaded at begin. Nothing to close then */
int ex_object_file_open(struct ex_object_file *file, const char *path, uintptr_t begin);
void ex_object_file_close(struct ex_object_file *file);
/* NULL when it has none of that name */
const Elf64_Shdr *ex_object_file_section(const struct ex_object_file *file, const char *name);
/* bytes of a section; NULL when it has none in the file, or they lie beyond its end */
const void *ex_object_file_bytes(const struct ex_object_file *file, const Elf64_Shdr *section);
/* calls back for each defined symbol of .symtab, exported or not; for none in a stripped object */
void ex_object_file_symbols(const struct ex_object_file *file,
			    void (*each)(void *arg, const char *name, const Elf64_Sym *symbol), void *arg);

#endif
