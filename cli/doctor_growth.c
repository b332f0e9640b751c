/*
 * doctor_growth.c: whether the growth of memory can be seen: what became of the library's detours in the trial, which of
 * their functions the libc of CMD has, and what limits memory. Reads a trace and files only.
 */
#include "doctor.h"

#include "memlimit.h"
#include "program.h"
#include "text.h"
#include "trace.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const functions[] = {
#define DETOUR(symbol, group, ret, params, doc) #symbol,
#include "detours.def"
#undef DETOUR
};
#define FUNCTIONS (sizeof(functions) / sizeof(*functions))

static const char *with(const char *list, const char *item)
{
	return list ? ex_format("%s, %s", list, item) : item;
}

static void tell_detours(struct ex_doctor *doctor, const struct ex_trace *trace)
{
	unsigned placed = 0, count = 0;
	const char *missing = NULL;
	for (size_t i = 0; i < trace->count; i++) {
		const struct ex_event *event = &trace->events[i];
		if (event->meta->id != EX_EV_DETOUR)
			continue;
		int result = EX_EVENT(event, detour)->result;
		count++;
		if (result == EX_detour_PLACED)
			placed++;
		else
			missing =
				with(missing, ex_format("%s (%s)", event->tail[0].bytes, EX_KIND_TEXT(detour, result)));
	}
	if (!placed)
		ex_doctor_add(doctor, EX_FINDING_NOTE, "detours",
			      "none could be placed%s%s: growth of memory and waits for arenas are not seen",
			      missing ? ": " : "", missing ? missing : "");
	else if (missing)
		ex_doctor_add(doctor, EX_FINDING_NOTE, "detours",
			      "%u of %u placed in this libc; not: %s: what goes through these is not seen", placed,
			      count, missing);
	else
		ex_doctor_add(doctor, EX_FINDING_OK, "detours", "%u of %u placed in this libc", placed, count);
}

void ex_doctor_detours(struct ex_doctor *doctor, const char *trial_dir)
{
	struct ex_trace trace = {.dir = NULL};
	if (ex_trace_open(&trace, trial_dir, NULL) == EX_TRACE_OK)
		tell_detours(doctor, &trace);
}

void ex_doctor_limits(struct ex_doctor *doctor, int is_sandbox)
{
	for (const struct ex_memlimit *limit = ex_memlimits(); limit->name; limit++) {
		/* gVisor's answer says nothing: the host's counts */
		if (is_sandbox && !strcmp(limit->name, "mappings"))
			continue;
		ex_doctor_add(doctor, EX_FINDING_OK, limit->name, limit->is_limited ? "at most %s (%s)" : "%s",
			      limit->text, limit->raise);
	}
}

/* which of the functions are offered, with code of their own: bit n for functions[n] */
static unsigned offered(Elf *elf)
{
	unsigned found = 0;
	Elf_Scn *section = NULL;
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr header;
		Elf_Data *data;
		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNSYM || !header.sh_entsize ||
		    !(data = elf_getdata(section, NULL)))
			continue;
		for (size_t i = 0; i < data->d_size / header.sh_entsize; i++) {
			GElf_Sym symbol;
			const char *name = gelf_getsym(data, (int)i, &symbol) && symbol.st_shndx != SHN_UNDEF &&
							   GELF_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_size
						   ? elf_strptr(elf, header.sh_link, symbol.st_name)
						   : NULL;
			for (size_t n = 0; name && n < FUNCTIONS; n++)
				found |= !strcmp(name, functions[n]) ? 1u << n : 0;
		}
	}
	return found;
}

static void tell_offered(struct ex_doctor *doctor, const char *path, unsigned found)
{
	const char *missing = NULL;
	unsigned count = 0;
	for (size_t n = 0; n < FUNCTIONS; n++) {
		count += found >> n & 1;
		if (!(found >> n & 1))
			missing = with(missing, functions[n]);
	}
	ex_doctor_add(
		doctor, EX_FINDING_NOTE, "its libc",
		"%s, another than the trial's: %u of %zu functions for detours are there%s%s; whether they can be "
		"placed only a run tells",
		path, count, FUNCTIONS, missing ? "; not: " : "", missing ? missing : "");
}

void ex_doctor_libc(struct ex_doctor *doctor, const char *path)
{
	Dl_info own = {0};
	char *real = realpath(path, NULL),
	     *ours = dladdr((void *)(size_t)&getpid, &own) && own.dli_fname ? realpath(own.dli_fname, NULL) : NULL;
	if (real && ours && !strcmp(real, ours)) {
		ex_doctor_add(doctor, EX_FINDING_OK, "its libc", "%s, as in the trial", path);
		return;
	}
	int fd = real ? open(real, O_RDONLY | O_CLOEXEC) : -1;
	elf_version(EV_CURRENT);
	Elf *elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	if (elf) {
		tell_offered(doctor, path, offered(elf));
		elf_end(elf);
	}
	if (fd >= 0)
		close(fd);
}
