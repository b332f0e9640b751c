/*
 * follow.c: see follow.h.
 */
#include "follow.h"

#include <elf.h>
#include <link.h>

#include "arch/arch.h"
#include "expand.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "text.h"

#define SCRIPT_DEPTH 4

/* soname of an ASan runtime among the needed libraries: it refuses to start when anything stands before it */
static void look_for_sanitizer(struct ex_program *program, const char *path, const ElfW(Phdr) * phdr, int count)
{
	uint64_t at = 0, bytes = 0, strings = 0;
	char name[sizeof(program->first)];
	for (int i = 0; i < count; i++) {
		if (phdr[i].p_type == PT_DYNAMIC) {
			at = phdr[i].p_offset;
			bytes = phdr[i].p_filesz;
		}
	}
	ElfW(Dyn) dyn[64];
	for (int pass = 0; pass < 2; pass++) {
		for (uint64_t done = 0; done < bytes; done += sizeof(dyn)) {
			long n = ex_os_file_head(path, at + done, dyn, sizeof(dyn));
			for (long i = 0; i < n / (long)sizeof(dyn[0]) && dyn[i].d_tag != DT_NULL; i++) {
				if (pass == 0 && dyn[i].d_tag == DT_STRTAB)
					strings = dyn[i].d_un.d_ptr;
				if (pass == 0 || dyn[i].d_tag != DT_NEEDED)
					continue;
				long got = ex_os_file_head(path, strings + dyn[i].d_un.d_val, name, sizeof(name) - 1);
				name[got < 0 ? 0 : got] = 0;
				if (ex_starts(name, "libasan.so") || ex_starts(name, "libclang_rt.asan"))
					memcpy(program->first, name, sizeof(name));
			}
		}
		for (int i = 0; pass == 0 && i < count; i++) { /* an address so far: where in the file? */
			if (phdr[i].p_type == PT_LOAD && strings >= phdr[i].p_vaddr &&
			    strings < phdr[i].p_vaddr + phdr[i].p_filesz) {
				strings = strings - phdr[i].p_vaddr + phdr[i].p_offset;
				break;
			}
		}
	}
}

static int look_at_elf(struct ex_program *program, const char *path, const unsigned char *head, long n)
{
	const ElfW(Ehdr) *e = (const void *)head;
	if (e->e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) || n < (long)sizeof(*e))
		return EX_follow_FOREIGN;
	if (e->e_machine != EX_ELF_MACHINE)
		return EX_follow_FOREIGN;
	if (e->e_phoff > (uint64_t)n || e->e_phnum * sizeof(ElfW(Phdr)) > (uint64_t)n - e->e_phoff)
		return EX_follow_UNKNOWN;
	const ElfW(Phdr) *phdr = (const void *)(head + e->e_phoff);
	for (int i = 0; i < e->e_phnum; i++) {
		if (phdr[i].p_type != PT_INTERP)
			continue;
		look_for_sanitizer(program, path, phdr, e->e_phnum);
		return EX_follow_YES;
	}
	return EX_follow_STATIC;
}

void ex_program_look(struct ex_program *program, const char *path)
{
	unsigned char *head = program->head;
	char interpreter[256];
	struct ex_os_owner owner;
	program->first[0] = 0;
	program->follow = EX_follow_UNKNOWN;
	for (int depth = 0; depth < SCRIPT_DEPTH; depth++) {
		long n = ex_os_file_head(path, 0, head, EX_LOOK_BYTES);
		if (n < 4)
			return;
		if (head[0] != '#' || head[1] != '!') {
			if (memcmp(head, ELFMAG, SELFMAG)) {
				program->follow = EX_follow_YES; /* a script without #!: the shell is asked */
				return;
			}
			program->follow = look_at_elf(program, path, head, n);
			if (program->follow == EX_follow_YES && !ex_os_file_owner(path, &owner) &&
			    ex_os_is_owner_change(&owner))
				program->follow = EX_follow_PRIVILEGED;
			return;
		}
		long at = 2, k = 0;
		while (at < n && (head[at] == ' ' || head[at] == '\t'))
			at++;
		while (at < n && k < (long)sizeof(interpreter) - 1 && head[at] > ' ')
			interpreter[k++] = (char)head[at++];
		interpreter[k] = 0;
		path = interpreter;
	}
}

const char *ex_environment_value(char *const envp[], const char *name_and_equals)
{
	for (; envp && *envp; envp++)
		if (ex_starts(*envp, name_and_equals))
			return *envp + ex_length(name_and_equals);
	return NULL;
}

int ex_program_search(const char *file, char *path, size_t size)
{
	struct ex_buffer b;
	char ***environment = ex_image_environment();
	ex_buffer_init(&b, path, size);
	for (const char *s = file; *s; s++) {
		if (*s == '/') {
			ex_buffer_text(&b, file);
			return 1;
		}
	}
	const char *search = ex_environment_value(environment ? *environment : NULL, "PATH=");
	if (!search)
		search = "/bin:/usr/bin"; /* what glibc's execvp takes when there is no PATH */
	for (;;) {			  /* an empty one is the working directory */
		const char *end = search;
		while (*end && *end != ':')
			end++;
		ex_buffer_init(&b, path, size);
		ex_buffer_bytes(&b, search, (size_t)(end - search));
		if (end > search)
			ex_buffer_text(&b, "/");
		ex_buffer_text(&b, file);
		if (ex_os_exists(path))
			return 1;
		if (!*end)
			break;
		search = end + 1;
	}
	*path = 0;
	return 0;
}

void ex_environment_needs(char *const envp[], size_t *pointers, size_t *bytes)
{
	const char *preload = ex_environment_value(envp, "LD_PRELOAD=");
	*pointers = 3;
	for (char *const *e = envp; e && *e; e++)
		++*pointers;
	*bytes = 32 + sizeof(((struct ex_program *)0)->first) + ex_length(ex_image.preload) +
		 (preload ? ex_length(preload) : 0);
}

/* the launcher names it by path, ex_environment_make by soname */
static int is_sanitizer(const char *entry, const char *end)
{
	const char *name = entry;
	for (const char *s = entry; s < end; s++)
		if (*s == '/')
			name = s + 1;
	return ex_starts(name, "libasan.so") || ex_starts(name, "libclang_rt.asan");
}

/* this library, or the other one of its folder: with both, everything would be hooked twice */
static int is_us(const char *entry, size_t n)
{
	static const char *const names[] = {EX_LIBRARY_NAME, EX_LIBRARY_HEAP_NAME};
	size_t folder = (size_t)(ex_base(ex_image.preload) - ex_image.preload);
	if (n == ex_length(ex_image.preload) && !memcmp(entry, ex_image.preload, n))
		return 1;
	if (n <= folder || memcmp(entry, ex_image.preload, folder))
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (n - folder == ex_length(names[i]) && !memcmp(entry + folder, names[i], n - folder))
			return 1;
	return 0;
}

/* what was preloaded, without us and without a sanitizer's runtime that we put before us for the last program */
static void put_others(struct ex_buffer *b, const char *preload)
{
	int is_leading = 1;
	while (preload && *preload) {
		const char *end = preload;
		while (*end && *end != ':' && *end != ' ')
			end++;
		size_t n = (size_t)(end - preload);
		int is_runtime =
			is_leading && *end && is_sanitizer(preload, end) && ex_starts(end + 1, ex_image.preload);
		if (n && !is_us(preload, n) && !is_runtime) {
			ex_buffer_text(b, ":");
			ex_buffer_bytes(b, preload, n);
		}
		is_leading = 0;
		preload = *end ? end + 1 : end;
	}
}

int ex_follow_is_on(void)
{
	return ex_options.follow && !ex_os_is_sealed();
}

/* follow=no: the environment without us, so that neither the next program is observed nor an exeunt in it refused */
static char *const *leave(const struct ex_environment *room, char *const envp[])
{
	static const char name[] = "LD_PRELOAD";
	struct ex_buffer b;
	size_t n = 0;
	ex_buffer_init(&b, room->text, room->text_bytes);
	ex_buffer_text(&b, name);
	put_others(&b, ex_environment_value(envp, "LD_PRELOAD="));
	for (char *const *e = envp; *e; e++) {
		if (ex_starts(*e, "EXEUNT="))
			continue;
		if (!ex_starts(*e, "LD_PRELOAD="))
			room->array[n++] = *e;
		else if (room->text[sizeof(name) - 1] == ':')
			room->array[n++] = room->text;
	}
	if (room->text[sizeof(name) - 1] == ':')
		room->text[sizeof(name) - 1] = '=';
	room->array[n] = NULL;
	return room->array;
}

char *const *ex_environment_make(const struct ex_environment *room, char *const envp[],
				 const struct ex_program *program)
{
	static char *const nothing[] = {NULL};
	size_t pointers, bytes, n = 0;
	if (!envp)
		envp = nothing;
	ex_environment_needs(envp, &pointers, &bytes);
	if (!*ex_image.preload || pointers > room->array_count || bytes > room->text_bytes)
		return envp;
	if (!ex_follow_is_on())
		return leave(room, envp);
	if (program->follow == EX_follow_FOREIGN)
		return envp;
	struct ex_buffer b;
	ex_buffer_init(&b, room->text, room->text_bytes);
	ex_buffer_text(&b, "LD_PRELOAD=");
	if (program->first[0]) {
		ex_buffer_text(&b, program->first);
		ex_buffer_text(&b, ":");
	}
	ex_buffer_text(&b, ex_image.preload);
	put_others(&b, ex_environment_value(envp, "LD_PRELOAD="));
	int has_preload = 0, has_exeunt = 0, is_changed = 0;
	for (char *const *e = envp; *e; e++) {
		char *entry = *e;
		if (ex_starts(entry, "LD_PRELOAD=")) {
			if (has_preload++)
				continue;
			is_changed |= !ex_same(entry, room->text);
			entry = room->text;
		} else if (ex_starts(entry, "EXEUNT=")) {
			if (has_exeunt++)
				continue;
			is_changed |= !ex_same(entry, ex_options.all);
			entry = ex_options.all;
		}
		room->array[n++] = entry;
	}
	/* in place where they were, so that programs which print their environment print it in the same order */
	if (!has_preload)
		room->array[n++] = room->text;
	if (!has_exeunt)
		room->array[n++] = ex_options.all;
	room->array[n] = NULL;
	return is_changed || !has_preload || !has_exeunt ? room->array : envp;
}
