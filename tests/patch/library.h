/*
 * library.h: all functions of an installed library: what symbols name, and what unwind tables cover. The second has those
 * without a name too, among them all that libc chooses by processor.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include "tap.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct range {
	uint64_t begin, bytes;
};
struct library {
	const uint8_t *file;
	size_t file_bytes;
	struct range *functions;
	size_t count, room;
};
static void add(struct library *l, uint64_t begin, uint64_t bytes)
{
	if (l->count == l->room) {
		l->room = l->room ? 2 * l->room : 1024;
		l->functions = realloc(l->functions, l->room * sizeof(*l->functions));
	}
	l->functions[l->count++] = (struct range){begin, bytes};
}

static int by_place(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* what is at that address when it is loaded */
static const uint8_t *at_address(const struct library *l, uint64_t address)
{
	const Elf64_Ehdr *e = (const void *)l->file;
	const Elf64_Phdr *p = (const void *)(l->file + e->e_phoff);
	for (int i = 0; i < e->e_phnum; i++)
		if (p[i].p_type == PT_LOAD && address - p[i].p_vaddr < p[i].p_filesz)
			return l->file + p[i].p_offset + (address - p[i].p_vaddr);
	return NULL;
}

static void add_symbols(struct library *l, const Elf64_Shdr *table)
{
	const Elf64_Sym *y = (const void *)(l->file + table->sh_offset);
	for (size_t n = table->sh_size / sizeof(*y); n; n--, y++) {
		int type = ELF64_ST_TYPE(y->st_info);
		if ((type == STT_FUNC || type == STT_GNU_IFUNC) && y->st_size && y->st_shndx != SHN_UNDEF)
			add(l, y->st_value, y->st_size);
	}
}

/* .eh_frame_hdr: a sorted table of {begin, description}, both 32 bits from its own begin; a description has at 8 where its
 * function begins, counted from there, and at 12 how long it is. Any other form (first four bytes) is not read. */
static size_t add_frames(struct library *l)
{
	const Elf64_Ehdr *e = (const void *)l->file;
	const Elf64_Phdr *p = (const void *)(l->file + e->e_phoff);
	for (int i = 0; i < e->e_phnum; i++) {
		if (p[i].p_type != PT_GNU_EH_FRAME)
			continue;
		const uint8_t *hdr = l->file + p[i].p_offset;
		const int32_t *table = (const int32_t *)(hdr + 12);
		uint32_t count = *(const uint32_t *)(hdr + 8);
		if (memcmp(hdr, "\1\x1b\3\x3b", 4))
			return 0;
		for (uint32_t n = 0; n < count; n++) {
			uint64_t begin = p[i].p_vaddr + table[2 * n], fde = p[i].p_vaddr + table[2 * n + 1];
			const uint8_t *description = at_address(l, fde);
			if (fde + 8 + *(const int32_t *)(description + 8) != begin)
				return 0;
			add(l, begin, *(const uint32_t *)(description + 12));
		}
		return count;
	}
	return 0;
}

/* where the dynamic linker finds it */
static int find_library(const char *name, char *path, size_t bytes)
{
	char command[256];
	snprintf(command, sizeof(command),
		 "PATH=$PATH:/sbin:/usr/sbin ldconfig -p | awk '$1 == \"%s\" && /x86-64/ { print $NF; exit }'", name);
	FILE *f = popen(command, "r");
	path[0] = 0;
	if (f && fgets(path, bytes, f))
		path[strcspn(path, "\n")] = 0;
	if (f)
		pclose(f);
	return path[0] != 0;
}

/* all functions of a library, sorted, each once */
static int open_library(struct library *l, const char *name)
{
	char path[256];
	struct stat st;
	memset(l, 0, sizeof(*l));
	if (!OK(find_library(name, path, sizeof(path)), "%s is installed", name))
		return 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (!OK(fd >= 0 && fstat(fd, &st) == 0, "%s opens", path))
		return 0;
	l->file = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	l->file_bytes = st.st_size;
	close(fd);
	const Elf64_Ehdr *e = (const void *)l->file;
	const Elf64_Shdr *sections = (const void *)(l->file + e->e_shoff);
	for (int i = 0; i < e->e_shnum; i++)
		if (sections[i].sh_type == SHT_DYNSYM || sections[i].sh_type == SHT_SYMTAB)
			add_symbols(l, &sections[i]);
	OK(add_frames(l) > 0, "%s: the unwind table could be read", name);
	qsort(l->functions, l->count, sizeof(*l->functions), by_place);
	size_t kept = 0;
	for (size_t i = 0; i < l->count; i++)
		if (!kept || by_place(&l->functions[i], &l->functions[kept - 1]))
			l->functions[kept++] = l->functions[i];
	l->count = kept;
	return 1;
}

static void close_library(struct library *l)
{
	free(l->functions);
	munmap((void *)l->file, l->file_bytes);
}

#endif
