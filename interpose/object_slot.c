/*
 * object_slot.c: see object.h. The words through which an object calls a function of another.
 */
#include <elf.h>

#include "arch/arch.h"
#include "object.h"
#include "os/os.h"
#include "text.h"

struct relocations {
	const ElfW(Sym) * symbols;
	const char *strings;
	const ElfW(Rela) * plt, *data;
	size_t plt_bytes, data_bytes;
};

static void find_relocations(const struct ex_object *object, struct relocations *r)
{
	for (const ElfW(Dyn) *d = object->dynamic; d->d_tag != DT_NULL; d++) {
		uintptr_t p = ex_object_pointer(object, d->d_un.d_ptr);
		if (d->d_tag == DT_SYMTAB)
			r->symbols = (const ElfW(Sym) *)p;
		else if (d->d_tag == DT_STRTAB)
			r->strings = (const char *)p;
		else if (d->d_tag == DT_JMPREL)
			r->plt = (const ElfW(Rela) *)p;
		else if (d->d_tag == DT_PLTRELSZ)
			r->plt_bytes = d->d_un.d_val;
		else if (d->d_tag == DT_RELA)
			r->data = (const ElfW(Rela) *)p;
		else if (d->d_tag == DT_RELASZ)
			r->data_bytes = d->d_un.d_val;
	}
}

int ex_object_store(const struct ex_object *object, uintptr_t *word, uintptr_t value)
{
	int is_writable = ex_object_is_writable(object, (uintptr_t)word);
	if (!is_writable && ex_os_protect(word, sizeof(*word), 1) < 0)
		return 0;
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	if (!is_writable)
		ex_os_protect(word, sizeof(*word), 0);
	return 1;
}

static int lead(const struct ex_object *object, const struct relocations *r, const ElfW(Rela) * list, size_t bytes,
		const char *name, uintptr_t to)
{
	int count = 0;
	for (size_t i = 0; list && i < bytes / sizeof(*list); i++) {
		unsigned type = ELF64_R_TYPE(list[i].r_info);
		const ElfW(Sym) *s = &r->symbols[ELF64_R_SYM(list[i].r_info)];
		if ((type == EX_RELOC_JUMP_SLOT || type == EX_RELOC_GLOB_DAT) && ex_same(r->strings + s->st_name, name))
			count += ex_object_store(object, (uintptr_t *)(object->bias + list[i].r_offset), to);
	}
	return count;
}

int ex_object_lead(const struct ex_object *object, const char *name, uintptr_t to)
{
	struct relocations r = {NULL, NULL, NULL, NULL, 0, 0};
	if (!object->dynamic)
		return 0;
	find_relocations(object, &r);
	if (!r.symbols || !r.strings)
		return 0;
	return lead(object, &r, r.plt, r.plt_bytes, name, to) + lead(object, &r, r.data, r.data_bytes, name, to);
}
