/*
 * doctor_program.c: what kind of program CMD is, and what is in it: profile counters, an allocator, a sanitizer. Reads
 * files only. The libraries named in the file are looked at too, one level deep: deeper ones and those opened
 * later are seen only by a run.
 */
#include "doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append(char *list, size_t size, const char *name)
{
	size_t used = strlen(list);
	snprintf(list + used, size - used, "%s%s", used ? ", " : "", name);
}

/* libc's own malloc is the one that the others replace */
static int is_libc(const char *soname)
{
	return !strncmp(soname, "libc.so", 7) || !strncmp(soname, "ld-linux", 8) || !strncmp(soname, "ld64.so", 7);
}

static void check_content(struct ex_doctor *doctor, const struct ex_program *program)
{
	char allocators[512] = "", absent[512] = "";
	int is_profiled = program->elf.is_profiled;
	if (is_profiled)
		ex_doctor_profile(doctor, program->file);
	if (program->elf.exports_malloc)
		append(allocators, sizeof(allocators), program->file);
	for (const char **name = program->elf.needed; name && *name; name++) {
		struct ex_elf elf = {0};
		const char *path = ex_runtime_path(*name, program->elf.search, program->file);
		if (!strchr(path, '/') || ex_elf_peek(&elf, path)) {
			append(absent, sizeof(absent), *name);
			continue;
		}
		if (elf.is_profiled)
			ex_doctor_profile(doctor, path);
		is_profiled |= elf.is_profiled;
		if (elf.exports_malloc && !is_libc(*name))
			append(allocators, sizeof(allocators), path);
		if (!strncmp(*name, "libc.so", 7))
			ex_doctor_libc(doctor, path);
	}
	if (*absent)
		ex_doctor_add(doctor, EX_FINDING_NOTE, "libraries", "not found: %s; set LD_LIBRARY_PATH", absent);
	if (!is_profiled)
		ex_doctor_add(doctor, EX_FINDING_OK, "LLVM profile", "none");
	if (*allocators)
		ex_doctor_add(doctor, EX_FINDING_OK, "allocator", "malloc is defined by %s", allocators);
	else
		ex_doctor_add(doctor, EX_FINDING_OK, "allocator", "malloc is libc's");
}

static void check_sanitizer(struct ex_doctor *doctor, const struct ex_program *program)
{
	if (program->elf.has_static_asan)
		ex_doctor_add(doctor, EX_FINDING_NOTE, "sanitizer",
			      "the address sanitizer is inside the program; its report comes first");
	else if (program->sanitizer && strchr(program->sanitizer, '/'))
		ex_doctor_add(doctor, EX_FINDING_NOTE, "sanitizer",
			      "%s is put in front of exeunt's library; its report comes first", program->sanitizer);
	else if (program->sanitizer)
		ex_doctor_add(doctor, EX_FINDING_MISSING, "sanitizer",
			      "%s is needed and not found; set LD_LIBRARY_PATH", program->sanitizer);
	else
		ex_doctor_add(doctor, EX_FINDING_OK, "sanitizer", "none");
}

void ex_doctor_examined(struct ex_doctor *doctor, const struct ex_program *program, int status)
{
	const char *kind = ex_program_kind_text(program->kind);
	if (status) {
		ex_doctor_add(doctor, EX_FINDING_MISSING, "program", "%s: %s; cannot be observed", program->file, kind);
		doctor->status = status;
		return;
	}
	if (program->is_script)
		ex_doctor_add(doctor, EX_FINDING_OK, "program", "%s: script, run by %s (%s)", program->path,
			      program->file, kind);
	else if (program->kind == EX_PROGRAM_UNREADABLE)
		ex_doctor_add(doctor, EX_FINDING_NOTE, "program", "%s: cannot be read, so only a run can tell",
			      program->path);
	else
		ex_doctor_add(doctor, EX_FINDING_OK, "program", "%s: %s, run by %s", program->path, kind,
			      program->elf.interp ? program->elf.interp : "itself");
	if (program->kind != EX_PROGRAM_DYNAMIC)
		return;
	check_content(doctor, program);
	check_sanitizer(doctor, program);
}

void ex_doctor_program(struct ex_doctor *doctor, const char *name)
{
	struct ex_program program;
	ex_program_examine(&program, name, NULL, getenv("PATH"));
	ex_doctor_examined(doctor, &program, ex_program_refuse(&program));
}
