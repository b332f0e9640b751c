/*
 * scan_allocators.c: the allocators inside a file: known by their functions' names, and in a stripped one by their
 * constants. Names only; no verdict asks for them.
 */
#include "scan_elf.h"

#include "allocator_version.h"

#include <stdlib.h>
#include <string.h>

static const struct ex_elf_symbol *symbol_of_any(const struct ex_elf_file *file, const char *names)
{
	const struct ex_elf_symbol *found = NULL;
	while (*names && !found) {
		size_t length = strcspn(names, " ");
		char *name = strndup(names, length);
		if (!name)
			abort();
		found = ex_elf_file_symbol(file, name);
		free(name);
		names += length + (names[length] == ' ');
	}
	return found;
}

static uint64_t address(void *arg, const char *names)
{
	const struct ex_elf_file *file = arg;
	const struct ex_elf_symbol *symbol = symbol_of_any(file, names);
	return symbol && file->header.e_type != ET_REL ? symbol->symbol.st_value : 0;
}

static int read_code(void *arg, uint64_t from, void *buffer, size_t length)
{
	const unsigned char *bytes = ex_elf_file_at(arg, from, length, NULL);
	if (bytes)
		memcpy(buffer, bytes, length);
	return bytes != NULL;
}

/* a constant that begins with that text */
static int has_constant(const struct ex_elf_file *file, const char *text, size_t length)
{
	const unsigned char *at = file->bytes, *end = at + file->length;
	for (; (at = memmem(at, (size_t)(end - at), text, length)); at++)
		if (at > file->bytes && !at[-1])
			return 1;
	return 0;
}

static int has_marks(const struct ex_elf_file *file, const char *marks)
{
	int count = 0;
	while (*marks) {
		size_t length = strcspn(marks, "|");
		if (!has_constant(file, marks, length))
			return 0;
		count++;
		marks += length + (marks[length] == '|');
	}
	return count > 0;
}

void ex_scan_allocators_read(struct ex_scan_elf *elf, const struct ex_elf_file *file)
{
	struct ex_allocator_code code = {.arg = (void *)file,
					 .address = address,
					 .read = read_code,
					 .bytes = (const char *)file->bytes,
					 .length = file->length};
	for (const struct ex_known_allocator *entry = ex_known_allocators; entry->name; entry++) {
		const char *how = symbol_of_any(file, entry->inside) ? "symbol"
				  : has_marks(file, entry->marks)    ? "mark"
								     : NULL;
		if (!how)
			continue;
		elf->allocators = realloc(elf->allocators, (elf->allocator_count + 1) * sizeof(*elf->allocators));
		if (!elf->allocators)
			abort();
		elf->allocators[elf->allocator_count++] =
			(struct ex_scan_allocator){entry->name, ex_allocator_version_in(&code, entry), how};
	}
}

static uint64_t no_address(void *arg, const char *names)
{
	(void)arg;
	(void)names;
	return 0;
}

const char *ex_scan_allocator_version(const char *name, const unsigned char *bytes, size_t length)
{
	struct ex_allocator_code code = {.address = no_address, .bytes = (const char *)bytes, .length = length};
	for (const struct ex_known_allocator *entry = ex_known_allocators; entry->name; entry++)
		if (strcmp(entry->name, name) == 0)
			return ex_allocator_version_in(&code, entry);
	return NULL;
}
