/*
 * watch_place.c: where the word of setting watch is in a process that runs. See watch_word.h. A module is known by its file's name, as
 * reports have it; its offsets are those of its file (address minus load address), so that they are the same in each run.
 */
#include "watch_word.h"

#include "library.h"
#include "object.h"
#include "text.h"

#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct line {
	uint64_t begin, end, file_offset;
	int is_writable;
	char path[4096]; /* "" */
};

static int next_line(FILE *maps, struct line *line)
{
	char text[4400], prot[5];
	int path = 0;
	if (!fgets(text, sizeof(text), maps) || sscanf(text, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %*s %n",
						       &line->begin, &line->end, prot, &line->file_offset, &path) != 4)
		return 0;
	text[strcspn(text, "\n")] = '\0';
	line->is_writable = prot[1] == 'w';
	snprintf(line->path, sizeof(line->path), "%.*s", (int)sizeof(line->path) - 1, path ? text + path : "");
	return 1;
}

static FILE *open_maps(pid_t pid)
{
	return fopen(ex_format("/proc/%d/maps", (int)pid), "re");
}

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* what of a file does not change while it is watched for: looked at once */
struct seen {
	const char *path, *symbol;
	uint64_t first_vaddr, first_offset; /* of its first loaded segment */
	uint64_t value;			    /* of the symbol, 0: it has none */
	int is_elf;
};

static int is_name(const char *symbol, const char *wanted)
{
	if (!strcmp(symbol, wanted))
		return 1;
	if (strncmp(symbol, "_Z", 2) && strncmp(symbol, "_R", 2))
		return 0;
	return !strcmp(ex_demangle(symbol), wanted);
}

static void look_for_symbol(struct seen *seen, Elf *elf, Elf_Scn *section)
{
	GElf_Shdr header;
	if (!gelf_getshdr(section, &header) || !header.sh_entsize ||
	    (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM))
		return;
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data ? data->d_size / header.sh_entsize : 0;
	for (size_t n = 0; n < count && !seen->value; n++) {
		GElf_Sym symbol;
		if (!gelf_getsym(data, (int)n, &symbol) || symbol.st_shndx == SHN_UNDEF || !symbol.st_value ||
		    GELF_ST_TYPE(symbol.st_info) == STT_TLS || GELF_ST_TYPE(symbol.st_info) == STT_FILE)
			continue;
		const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);
		if (name && *name && is_name(name, seen->symbol))
			seen->value = symbol.st_value;
	}
}

/* through the process's own view of the files: it may be in another root */
static const struct seen *look(pid_t pid, const char *path, const char *symbol)
{
	static struct seen *list;
	static size_t count;
	for (size_t n = 0; n < count; n++)
		if (!strcmp(list[n].path, path) && !strcmp(list[n].symbol, symbol))
			return &list[n];
	list = realloc(list, (count + 1) * sizeof(*list));
	if (!list)
		abort();
	struct seen *seen = &list[count++];
	*seen = (struct seen){.path = strdup(path), .symbol = symbol};
	int fd = open(ex_format("/proc/%d/root%s", (int)pid, path), O_RDONLY | O_CLOEXEC);
	fd = fd < 0 ? open(path, O_RDONLY | O_CLOEXEC) : fd;
	elf_version(EV_CURRENT);
	Elf *elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	size_t headers = 0;
	if (elf && elf_kind(elf) == ELF_K_ELF && !elf_getphdrnum(elf, &headers))
		for (size_t n = 0; n < headers && !seen->is_elf; n++) {
			GElf_Phdr header;
			if (!gelf_getphdr(elf, (int)n, &header) || header.p_type != PT_LOAD)
				continue;
			seen->is_elf = 1;
			seen->first_vaddr = header.p_vaddr & ~4095ull;
			seen->first_offset = header.p_offset & ~4095ull;
		}
	for (Elf_Scn *section = NULL; *symbol && seen->is_elf && !seen->value && (section = elf_nextscn(elf, section));)
		look_for_symbol(seen, elf, section);
	if (elf)
		elf_end(elf);
	if (fd >= 0)
		close(fd);
	return seen;
}

/* address by that module's file, whose first segment is mapped at begin; 0: not its */
static uint64_t in_module(const struct ex_watch_word *word, pid_t pid, const struct line *line)
{
	int is_named = word->module ? !strcmp(word->module, base(line->path))
				    : word->is_either && !strcmp(word->symbol, base(line->path));
	if ((word->module && !is_named) ||
	    (!is_named && ex_library_is_name(base(line->path)))) /* no symbol of our own */
		return 0;
	const char *symbol = word->symbol && !(is_named && word->is_either) ? word->symbol : "";
	const struct seen *seen = look(pid, line->path, symbol);
	if (!seen->is_elf || line->file_offset != seen->first_offset || (*symbol && !seen->value))
		return 0;
	uint64_t bias = line->begin - seen->first_vaddr;
	return bias + (*symbol ? seen->value : 0) + word->offset;
}

static uint64_t bias_of(pid_t pid, const char *path, uint64_t *offset_at, uint64_t address)
{
	FILE *maps = open_maps(pid);
	struct line line;
	uint64_t bias = 0;
	while (maps && next_line(maps, &line))
		if (!strcmp(line.path, path)) {
			const struct seen *seen = look(pid, path, "");
			if (seen->is_elf && line.file_offset == seen->first_offset) {
				bias = line.begin - seen->first_vaddr;
				break;
			}
		}
	if (maps)
		fclose(maps);
	*offset_at = address - bias;
	return bias;
}

/* the bss behind a file has no name of its own: it belongs to the file that is mapped right below */
static int find_place(pid_t pid, uint64_t address, unsigned bytes, const char **place)
{
	struct line line, last = {0};
	FILE *maps = open_maps(pid);
	int is_there = 0;
	*place = "";
	while (maps && next_line(maps, &line)) {
		if (address >= line.begin && address + bytes <= line.end) {
			is_there = line.is_writable;
			const char *path = *line.path ? line.path : line.begin == last.end ? last.path : "";
			uint64_t offset = address - line.begin;
			if (*path == '/') {
				bias_of(pid, path, &offset, address);
				path = base(path);
			}
			if (*path)
				*place = ex_format("%s+0x%" PRIx64, path, offset);
			break;
		}
		last = line;
	}
	if (maps)
		fclose(maps);
	return is_there;
}

uint64_t ex_watch_word_find(const struct ex_watch_word *word, pid_t pid, const char **place)
{
	uint64_t address = word->symbol || word->module ? 0 : word->offset;
	if (!address) {
		FILE *maps = open_maps(pid);
		struct line line;
		char last[4096] = "";
		while (!address && maps && next_line(maps, &line)) {
			if (*line.path == '/' && strcmp(line.path, last) != 0)
				address = in_module(word, pid, &line);
			memcpy(last, line.path, sizeof(last));
		}
		if (maps)
			fclose(maps);
	}
	return address && find_place(pid, address, word->bytes, place) ? address : 0;
}

const char *ex_watch_word_moved(const struct ex_watch_word *word, pid_t pid)
{
	const char *text = NULL;
	if (!word->image || word->module || word->symbol)
		return NULL;
	for (size_t n = 0; n < word->image->module_count && !text; n++) {
		const struct ex_module *module = &word->image->modules[n];
		uint64_t offset = 0, bias = *module->path == '/' ? bias_of(pid, module->path, &offset, 0) : 0;
		if (bias && bias != module->bias)
			text = ex_format("%s is at 0x%" PRIx64 " and was at 0x%" PRIx64, base(module->path), bias,
					 module->bias);
	}
	return text;
}
