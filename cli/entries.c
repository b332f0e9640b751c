/*
 * entries.c: see entries.h. Must never name a place that it did not read from the very file that will be mapped: the
 * library writes code there. So only a library that lies beside the program counts, and only where the dynamic linker would
 * take it from there.
 */
#include "entries.h"

#include "settings.h"
#include "text.h"
#include "wire.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const functions[] = {
#define ALLOCATOR(name, version_symbol, version_base, exit_handler, soname, preload, version_mark, version_printer,    \
		  inside, functions, teardown, marks)                                                                  \
	teardown,
#include "allocators.def"
#undef ALLOCATOR
};

struct found {
	const char *text; /* "module+0xoffset", with commas */
	unsigned count;
};

struct table { /* .symtab */
	Elf *elf;
	Elf_Data *symbols;
	size_t strings, count;
};

static void add(struct found *found, const char *module, uint64_t offset)
{
	const char *one = ex_format("%s+0x%llx", module, (unsigned long long)offset);
	if (found->count == EX_ENTER_MAX || ex_settings_wrong_enter(one)) /* a file name with a comma */
		return;
	size_t bytes = strlen(one);
	for (const char *at = found->text; (at = strstr(at, one)); at += bytes)
		if ((at == found->text || at[-1] == ',') && (!at[bytes] || at[bytes] == ','))
			return; /* a second name of it */
	found->text = *found->text ? ex_format("%s,%s", found->text, one) : one;
	found->count++;
}

static unsigned search_symbols(struct found *found, const char *module, const struct table *table, const char *name,
			       size_t bytes)
{
	unsigned hits = 0;
	for (size_t n = 0; n < table->count; n++) {
		GElf_Sym symbol;
		if (!gelf_getsym(table->symbols, (int)n, &symbol) || GELF_ST_TYPE(symbol.st_info) != STT_FUNC ||
		    symbol.st_shndx == SHN_UNDEF || !symbol.st_size)
			continue;
		const char *text = elf_strptr(table->elf, table->strings, symbol.st_name);
		if (!text || strncmp(text, name, bytes) != 0 || text[bytes])
			continue;
		add(found, module, symbol.st_value);
		hits++;
	}
	return hits;
}

/* of each allocator the first of its names that is there: the others call it, or have it inside */
static void search_table(struct found *found, const char *module, const struct table *table)
{
	for (size_t n = 0; n < sizeof(functions) / sizeof(*functions); n++)
		for (const char *name = functions[n]; *name;) {
			size_t bytes = strcspn(name, " ");
			if (search_symbols(found, module, table, name, bytes))
				break;
			name += bytes;
			name += strspn(name, " ");
		}
}

static void search_file(struct found *found, const char *file, const char *module)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct table table = {.elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL)};
	for (Elf_Scn *section = NULL; table.elf && (section = elf_nextscn(table.elf, section));) {
		GElf_Shdr header;
		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB || !header.sh_entsize)
			continue;
		table.symbols = elf_getdata(section, NULL);
		table.strings = header.sh_link;
		table.count = table.symbols ? table.symbols->d_size / header.sh_entsize : 0;
		search_table(found, module, &table);
	}
	if (table.elf)
		elf_end(table.elf);
	if (fd >= 0)
		close(fd);
}

const char *ex_entries_fill(const char *settings, const struct ex_program *program)
{
	struct found found = {"", 0};
	int is_given = settings && (!strncmp(settings, "enter=", 6) || strstr(settings, " enter="));
	if (is_given || program->kind != EX_PROGRAM_DYNAMIC || program->is_script || program->has_sanitizer ||
	    strcmp(ex_settings_value(settings, "probe"), "on") != 0)
		return settings;
	char *file = realpath(program->file, NULL), *slash = file ? strrchr(file, '/') : NULL;
	if (!slash)
		return settings;
	search_file(&found, file, slash + 1); /* as /proc/PID/exe names it */
	for (const char **needed = program->elf.needed; needed && *needed; needed++) {
		char *beside = realpath(ex_format("%.*s/%s", (int)(slash - file), file, *needed), NULL);
		char *taken = beside ? realpath(ex_runtime_path(*needed, program->elf.search, file), NULL) : NULL;
		if (taken && !strcmp(beside, taken))
			search_file(&found, beside, *needed);
		free(beside);
		free(taken);
	}
	free(file);
	if (!found.count)
		return settings;
	return ex_format("%s%senter=%s", settings ? settings : "", settings && *settings ? " " : "",
			 ex_settings_escape(found.text));
}
