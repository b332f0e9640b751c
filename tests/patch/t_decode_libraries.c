/*
 * t_decode_libraries.c: every instruction of every function of the C, C++ and math libraries and of an allocator, read by
 * the decoder and by an independent one. Functions are what symbols name and what unwind tables cover: the second has
 * those without a name too, among them all that libc chooses by processor.
 */
#include "oracle.h"

#ifdef HAVE_ORACLE
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct range {
	uint64_t begin, bytes;
};
struct library {
	const uint8_t *file;
	struct range *functions;
	size_t count, room;
};
struct survey {
	unsigned long functions, instructions, wrong, refused, foreign; /* foreign: Zydis does not know it either */
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

static void survey_function(struct survey *s, const uint8_t *code, size_t bytes)
{
	s->functions++;
	for (size_t o = 0; o < bytes;) {
		struct ex_insn ours, theirs;
		if (!ask_zydis(code + o, bytes - o, &theirs)) {
			s->foreign++;
			return;
		}
		s->instructions++;
		ex_arch_decode(code + o, bytes - o, &ours);
		if (!ours.length)
			s->refused++;
		else if (!is_same(&ours, &theirs))
			s->wrong++;
		if (!is_same(&ours, &theirs))
			show(ours.length ? "wrong" : "refused", code + o, bytes - o, &ours, &theirs);
		o += theirs.length;
	}
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

static void test_library(const char *name)
{
	char path[256];
	struct stat st;
	struct library l = {0};
	struct survey s = {0};
	if (!OK(find_library(name, path, sizeof(path)), "%s is installed", name))
		return;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (!OK(fd >= 0 && fstat(fd, &st) == 0, "%s opens", path))
		return;
	l.file = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	const Elf64_Ehdr *e = (const void *)l.file;
	const Elf64_Shdr *sections = (const void *)(l.file + e->e_shoff);
	for (int i = 0; i < e->e_shnum; i++)
		if (sections[i].sh_type == SHT_DYNSYM || sections[i].sh_type == SHT_SYMTAB)
			add_symbols(&l, &sections[i]);
	OK(add_frames(&l) > 0, "%s: the unwind table could be read", name);
	qsort(l.functions, l.count, sizeof(*l.functions), by_place);
	for (size_t i = 0; i < l.count; i++)
		if (!i || by_place(&l.functions[i], &l.functions[i - 1]))
			survey_function(&s, at_address(&l, l.functions[i].begin), l.functions[i].bytes);
	free(l.functions);
	munmap((void *)l.file, st.st_size);
	printf("# %s: %lu functions, %lu instructions; wrong %lu, refused %lu, not known to Zydis %lu\n", name,
	       s.functions, s.instructions, s.wrong, s.refused, s.foreign);
	OK(s.instructions > 10000, "%s has instructions to compare", name);
	IS_INT(s.wrong, 0, "%s: nothing read in another way than Zydis does", name);
	IS_INT(s.refused, 0, "%s: nothing refused that Zydis knows", name);
	IS_INT(s.foreign, 0, "%s: nothing that Zydis does not know", name);
}

int main(void)
{
	ZydisDecoderInit(&zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	test_library("libc.so.6");
	test_library("libstdc++.so.6");
	test_library("libm.so.6");
	test_library("libjemalloc.so.2");
	return tap_done();
}
#endif
