/*
 * mend_build.c: how an object was built, as far as its own .comment and the Cargo.lock near it tell. See mend.h. For advice
 * only: no verdict rests on it.
 */
#include "mend.h"

#include "text.h"

#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDERS_MAX 6 /* target/x86_64-unknown-linux-gnu/release/deps, and two more */

/* the value of KEY = "VALUE", NULL when the line is another */
static const char *value_of(const char *line, const char *key)
{
	size_t length = strlen(key);
	if (strncmp(line, key, length) != 0)
		return NULL;
	line += length + strspn(line + length, " \t");
	if (*line++ != '=')
		return NULL;
	line += strspn(line, " \t");
	return *line == '"' ? ex_format("%.*s", (int)strcspn(line + 1, "\"\r\n"), line + 1) : NULL;
}

const char *ex_mend_cc_version(const char *lock)
{
	char *line = NULL;
	const char *found = NULL, *value;
	size_t size = 0;
	int is_cc = 0;
	FILE *file = fopen(lock, "re");
	while (file && !found && getline(&line, &size, file) >= 0) {
		if (line[0] == '[')
			is_cc = 0;
		else if ((value = value_of(line, "name")))
			is_cc = !strcmp(value, "cc");
		else if (is_cc)
			found = value_of(line, "version");
	}
	if (file)
		fclose(file);
	free(line);
	return found;
}

static void find_lock(struct ex_build *build, const char *object)
{
	char *path = realpath(object, NULL), *slash;
	for (int n = 0; path && n < FOLDERS_MAX && (slash = strrchr(path, '/')) && slash != path; n++) {
		*slash = '\0';
		const char *lock = ex_format("%s/Cargo.lock", path);
		build->cc = ex_mend_cc_version(lock);
		build->lock = lock;
		if (build->cc || !access(lock, R_OK))
			break;
	}
	free(path);
}

static int comment_names(const Elf_Data *data, const char *compiler)
{
	return data && data->d_buf && memmem(data->d_buf, data->d_size, compiler, strlen(compiler));
}

/* whether rustc is among the compilers that the object names */
static int has_rust(const char *object)
{
	int fd = open(object, O_RDONLY | O_CLOEXEC), found = 0;
	size_t names;
	elf_version(EV_CURRENT);
	Elf *elf = fd >= 0 ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
	if (elf && !elf_getshdrstrndx(elf, &names))
		for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
			GElf_Shdr header;
			const char *name = gelf_getshdr(scn, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;
			if (name && !strcmp(name, ".comment"))
				found |= comment_names(elf_rawdata(scn, NULL), "rustc version ");
		}
	if (elf)
		elf_end(elf);
	if (fd >= 0)
		close(fd);
	return found;
}

const char *ex_mend_advice(const struct ex_profile *profile, const char *settings)
{
	struct ex_build build = {.object = profile->name, .llvm = ex_llvm_of_version(profile->version)};
	if (profile->module) {
		build.is_rust = has_rust(profile->module->path);
		find_lock(&build, profile->module->path);
	}
	return ex_mend_text(&build, settings);
}

const char *ex_mend_lost(const struct ex_candidate *c)
{
	if (c->cannot_salvage)
		return "end it by a signal that it can handle, and let it leave by exit() then\n"
		       "or collect snapshots of its profile while it runs: exeunt run -s flush=every:SECONDS -- CMD";
	const char *leave = c->by_signal ? "handle the signal: leave by exit(), or by returning from main"
					 : "leave by exit() or by returning from main";
	if (c->profile)
		return ex_format(
			"%s; that alone does not help, since the writer misreads the records of another LLVM:\n%s",
			leave, ex_mend_advice(c->profile, "salvage=yes"));
	if (c->by_signal)
		return ex_format("%s\nor collect the profile as it is: exeunt run -s salvage=yes -- CMD", leave);
	return NULL;
}
