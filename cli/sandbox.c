/*
 * sandbox.c: see sandbox.h. Each sign has a function of its own here: a row without one does not link.
 */
#include "sandbox.h"

#include "text.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51
#endif
#define SURE 2

static int file_has(const char *path, const char *word)
{
	char *line = NULL;
	size_t size = 0;
	int is_there = 0;
	FILE *file = fopen(path, "re");
	while (file && !is_there && getline(&line, &size, file) >= 0)
		is_there = strstr(line, word) != NULL;
	if (file)
		fclose(file);
	free(line);
	return is_there;
}

/* a note that Linux' build puts into every vDSO */
static int is_vdso_of_linux(void)
{
	const char *vdso = (const char *)getauxval(AT_SYSINFO_EHDR);
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)vdso;
	const ElfW(Phdr) *p = vdso ? (const ElfW(Phdr) *)(vdso + header->e_phoff) : NULL;
	for (int i = 0; p && i < header->e_phnum; i++)
		if (p[i].p_type == PT_NOTE && memmem(vdso + p[i].p_offset, p[i].p_filesz, "Linux", 6))
			return 1;
	return 0;
}

static int sign_VDSO_WITHOUT_NOTE(void)
{
	return getauxval(AT_SYSINFO_EHDR) != 0;
}

static int sign_NO_MINSIGSTKSZ(void)
{
	return !getauxval(AT_MINSIGSTKSZ);
}

static int sign_MEMINFO_OF_SENTRY(void)
{
	return !access("/proc/sentry-meminfo", F_OK);
}

static int sign_COMMAND_LINE(void)
{
	return file_has("/proc/cmdline", "gvisor");
}

static int sign_MAX_MAP_COUNT(void)
{
	return file_has("/proc/sys/vm/max_map_count", "2147483647");
}

static int sign_BUILD_DATE(void)
{
	return file_has("/proc/version", "Sun Jan 10 15:06:54 PST 2016");
}

static int sign_RELEASE(void)
{
	return file_has("/proc/version", "gvisor");
}

static int sign_USERTRAP(void)
{
	return file_has("/proc/self/maps", "[usertrap]");
}

enum {
#define SIGN(NAME, weight, doc) SIGN_##NAME,
#include "sandbox_signs.def"
#undef SIGN
};

static const struct {
	int (*is_there)(void);
	int weight;
	const char *doc;
} signs_known[] = {
#define SIGN(NAME, weight, doc) {sign_##NAME, weight, doc},
#include "sandbox_signs.def"
#undef SIGN
};

#define SIGNS (sizeof(signs_known) / sizeof(*signs_known))

uint32_t ex_sandbox_signs(void)
{
	uint32_t signs = 0;
	if (is_vdso_of_linux())
		return 0;
	for (unsigned i = 0; i < SIGNS; i++)
		signs |= (uint32_t)(signs_known[i].is_there() != 0) << i;
	return signs;
}

int ex_sandbox_is(uint32_t signs)
{
	int weight = 0;
	for (unsigned i = 0; i < SIGNS; i++)
		weight += signs >> i & 1 ? signs_known[i].weight : 0;
	return weight >= SURE;
}

int ex_sandbox_is_systrap(uint32_t signs)
{
	return signs >> SIGN_USERTRAP & 1;
}

const char *ex_sandbox_text(uint32_t signs)
{
	const char *text = "";
	for (unsigned i = 0; i < SIGNS; i++)
		if (signs >> i & 1)
			text = ex_format("%s%s%s", text, *text ? "; " : "", signs_known[i].doc);
	return text;
}
