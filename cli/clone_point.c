/*
 * clone_point.c: the function that clone-at=call:SYMBOL names. See clones.h. As in entries.c: the library writes code at the
 * place that is found, so it must come out of the very file that will be mapped; and of two functions of one name none is
 * taken.
 */
#include "clones.h"

#include "say.h"
#include "settings.h"
#include "symbols.h"
#include "text.h"

#include "object.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct search {
	const char *name;
	const char *places; /* "module+0xoffset", with blanks */
	unsigned count;
};

/* as the file has it, as the source has it, or that without its arguments */
static int is_name(const char *symbol, const char *wanted)
{
	if (!strcmp(symbol, wanted))
		return 1;
	const char *plain = ex_demangle(symbol);
	size_t length = strcspn(plain, "(");
	return plain != symbol &&
	       (!strcmp(plain, wanted) || (strlen(wanted) == length && !strncmp(plain, wanted, length)));
}

static void add(struct search *search, const char *module, uint64_t offset)
{
	const char *one = ex_format("%s+0x%llx", module, (unsigned long long)offset);
	const char *at = strstr(search->places, one);
	if (at && (!at[strlen(one)] || at[strlen(one)] == ' '))
		return; /* another table has it too */
	search->places = ex_format("%s%s%s", search->places, *search->places ? " " : "", one);
	search->count++;
}

static void search_section(struct search *search, Elf *elf, Elf_Scn *section, const char *module)
{
	GElf_Shdr header;
	if (!gelf_getshdr(section, &header) || !header.sh_entsize ||
	    (header.sh_type != SHT_SYMTAB && header.sh_type != SHT_DYNSYM))
		return;
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = data ? data->d_size / header.sh_entsize : 0;
	for (size_t n = 0; n < count; n++) {
		GElf_Sym symbol;
		if (!gelf_getsym(data, (int)n, &symbol) || GELF_ST_TYPE(symbol.st_info) != STT_FUNC ||
		    symbol.st_shndx == SHN_UNDEF || !symbol.st_value)
			continue;
		const char *text = elf_strptr(elf, header.sh_link, symbol.st_name);
		if (text && is_name(text, search->name))
			add(search, module, symbol.st_value);
	}
}

static void search_file(struct search *search, const char *path, const char *module)
{
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	elf_version(EV_CURRENT);
	Elf *elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	for (Elf_Scn *section = NULL; elf && (section = elf_nextscn(elf, section));)
		search_section(search, elf, section, module);
	if (elf)
		elf_end(elf);
	if (fd >= 0)
		close(fd);
}

/* the program's own first: what it defines itself is what its calls lead to */
static void search_program(struct search *search, const struct ex_program *program)
{
	char *file = realpath(program->file, NULL), *slash = file ? strrchr(file, '/') : NULL;
	if (!slash)
		return;
	search_file(search, file, slash + 1); /* as /proc/PID/exe names it */
	for (const char **needed = program->elf.needed; !search->count && needed && *needed; needed++) {
		char *found = realpath(ex_runtime_path(*needed, program->elf.search, file), NULL);
		search_file(search, found, *needed);
		free(found);
	}
	free(file);
}

/* settings with another value of clone-at */
static const char *with_point(const char *settings, const char *value)
{
	const char *text = "";
	while (*settings) {
		size_t length = strcspn(settings, " ");
		text = strncmp(settings, "clone-at=", 9)
			       ? ex_format("%s%s%.*s", text, *text ? " " : "", (int)length, settings)
			       : ex_format("%s%sclone-at=%s", text, *text ? " " : "", ex_settings_escape(value));
		settings += length;
		settings += strspn(settings, " ");
	}
	return text;
}

static int is_digits(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

const char *ex_clone_point(const char *settings, const struct ex_program *program, int *status)
{
	const char *value = ex_settings_plain(ex_settings_value(settings, "clone-at"));
	if (strncmp(value, "call:", 5))
		return settings;
	const char *what = value + 5, *colon = strrchr(what, ':');
	int has_count = colon && is_digits(colon + 1);
	const char *name = has_count ? ex_format("%.*s", (int)(colon - what), what) : what;
	if (strstr(name, "+0x"))
		return settings;
	struct search search = {.name = name, .places = ""};
	search_program(&search, program);
	if (!search.count)
		*status = ex_fail(EX_MSG_CLONE_NO_SYMBOL, value, name, program->file);
	else if (search.count > 1)
		*status = ex_fail(EX_MSG_CLONE_SYMBOLS, value, name, search.places);
	if (*status)
		return settings;
	return with_point(settings, ex_format("call:%s%s", search.places, has_count ? colon : ""));
}
