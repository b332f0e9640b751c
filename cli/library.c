/*
 * library.c: finds libexeunt.so, or the one with malloc wrapped, and the profiles, and checks that library and CLI are of one build. Must never load
 * the library into this process: it is read as a file.
 */
#include "library.h"

#include "ctf.h"
#include "meta.h"
#include "say.h"
#include "settings.h"
#include "text.h"
#include "wire.h"

#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const library_places[] = {EX_LIBRARY_NAME, "../lib/exeunt/" EX_LIBRARY_NAME, NULL};
static const char *const profile_places[] = {"../profiles", "../share/exeunt/profiles", NULL};

/* folder of this program, "" when the kernel does not tell */
static const char *own_dir(void)
{
	static char dir[PATH_MAX];
	if (*dir)
		return dir;
	ssize_t bytes = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	dir[bytes > 0 ? bytes : 0] = '\0';
	char *slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
	return dir;
}

static const char *first_place(const char *const *places)
{
	for (; *places; places++) {
		char *path, *full;
		if (asprintf(&path, "%s/%s", own_dir(), *places) < 0)
			abort();
		full = realpath(path, NULL);
		if (full)
			return full;
	}
	return NULL;
}

const char *ex_library_path(void)
{
	const char *named = getenv("EXEUNT_LIBRARY");
	return named && *named ? realpath(named, NULL) : first_place(library_places);
}

const char *ex_profiles_dir(void)
{
	return first_place(profile_places);
}

const char *ex_library_places(void)
{
	const char *named = getenv("EXEUNT_LIBRARY");
	char *text;
	if (named && *named)
		return named;
	if (asprintf(&text, "%s/%s and %s/%s", own_dir(), library_places[0], own_dir(), library_places[1]) < 0)
		abort();
	return text;
}

/* bytes of an exported string constant, NULL when there is none */
static const char *string_at(Elf *elf, const GElf_Sym *symbol)
{
	GElf_Shdr header;
	Elf_Scn *section = elf_getscn(elf, symbol->st_shndx);
	Elf_Data *data = section && gelf_getshdr(section, &header) ? elf_getdata(section, NULL) : NULL;
	if (!data || !data->d_buf || symbol->st_value < header.sh_addr)
		return NULL;
	size_t at = symbol->st_value - header.sh_addr;
	if (at >= data->d_size || !memchr((char *)data->d_buf + at, 0, data->d_size - at))
		return NULL;
	return strdup((char *)data->d_buf + at);
}

static void read_strings(Elf *elf, const char **version, const char **tables)
{
	Elf_Scn *section = NULL;
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNSYM || !header.sh_entsize)
			continue;
		Elf_Data *data = elf_getdata(section, NULL);
		for (size_t i = 0; data && i < data->d_size / header.sh_entsize; i++) {
			GElf_Sym symbol;
			if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF)
				continue;
			const char *name = elf_strptr(elf, header.sh_link, symbol.st_name);
			if (name && !strcmp(name, "exeunt_version"))
				*version = string_at(elf, &symbol);
			else if (name && !strcmp(name, "exeunt_tables"))
				*tables = string_at(elf, &symbol);
		}
	}
}

/* our own tables: the part of the metadata behind the clock */
static const char *own_tables(void)
{
	int bytes = ex_ctf_metadata(NULL, 0, 0);
	char *text = malloc((size_t)bytes + 1);
	if (!text)
		abort();
	ex_ctf_metadata(text, (size_t)bytes + 1, 0);
	return strstr(text, EX_CTF_CLOCK_END) + strlen(EX_CTF_CLOCK_END);
}

const char *ex_library_wrong(const char *path)
{
	const char *version = NULL, *tables = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return "it cannot be read";
	elf_version(EV_CURRENT);
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		read_strings(elf, &version, &tables);
	elf_end(elf);
	close(fd);
	if (!version)
		return "none: not exeunt's library";
	if (strcmp(version, EXEUNT_VERSION) != 0)
		return version;
	if (!tables || strcmp(tables, own_tables()) != 0)
		return EXEUNT_VERSION " with other tables";
	return NULL;
}

/* another file of the same folder */
static const char *beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	return ex_format("%.*s%s", slash ? (int)(slash + 1 - path) : 0, path, name);
}

static int needs_wrappers(const char *settings)
{
	return strcmp(ex_settings_value(settings, "log"), "off") != 0 ||
	       strcmp(ex_settings_value(settings, "serialize"), "off") != 0 ||
	       strcmp(ex_settings_value(settings, "free"), "all") != 0 ||
	       strcmp(ex_settings_value(settings, "keep"), "exec") == 0 ||
	       strcmp(ex_settings_value(settings, "scribble"), "no") != 0 || *ex_settings_value(settings, "guard");
}

int ex_library_is_name(const char *base_name)
{
	return !strncmp(base_name, EX_LIBRARY_NAME, strlen(EX_LIBRARY_NAME)) ||
	       !strncmp(base_name, EX_LIBRARY_HEAP_NAME, strlen(EX_LIBRARY_HEAP_NAME));
}

const char *ex_library_or_fail(const char *settings, int *status)
{
	const char *path = ex_library_path();
	if (!path) {
		*status = ex_fail(EX_MSG_NO_LIBRARY, EX_LIBRARY_NAME, ex_library_places());
		return NULL;
	}
	if (needs_wrappers(settings)) {
		path = beside(path, EX_LIBRARY_HEAP_NAME);
		if (access(path, F_OK)) {
			*status = ex_fail(EX_MSG_NO_LIBRARY, EX_LIBRARY_HEAP_NAME, path);
			return NULL;
		}
	}
	const char *wrong = ex_library_wrong(path);
	if (wrong) {
		*status = ex_fail(EX_MSG_LIBRARY_MISMATCH, path, wrong, EXEUNT_VERSION);
		return NULL;
	}
	if (strpbrk(path, " :")) {
		*status = ex_fail(EX_MSG_OUR_FAILURE,
				  "LD_PRELOAD cannot hold a path with a blank or a colon; install exeunt elsewhere",
				  path);
		return NULL;
	}
	return path;
}

static int is_same(const char *entry, size_t length, const char *path)
{
	return length == strlen(path) && !strncmp(entry, path, length);
}

const char *ex_library_preload(const char *library, const char *first, const char *behind, const char *before)
{
	char *value, *longer;
	if (asprintf(&value, "%s%s%s%s%s", first ? first : "", first ? ":" : "", library, behind ? ":" : "",
		     behind ? behind : "") < 0)
		abort();
	/* the dynamic linker takes blanks and colons alike */
	for (const char *entry = before ? before : ""; *entry;) {
		size_t length = strcspn(entry, ": ");
		/* with both of ours, everything would be hooked twice */
		int is_ours = is_same(entry, length, library) ||
			      is_same(entry, length, beside(library, EX_LIBRARY_NAME)) ||
			      is_same(entry, length, beside(library, EX_LIBRARY_HEAP_NAME));
		int is_first = first && is_same(entry, length, first);
		if (length && !is_ours && !is_first) {
			if (asprintf(&longer, "%s:%.*s", value, (int)length, entry) < 0)
				abort();
			value = longer;
		}
		entry += length;
		entry += *entry != '\0';
	}
	return value;
}
