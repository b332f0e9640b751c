/*
 * object.c: see object.h. Gives what dlsym(RTLD_NEXT) would, without libdl, locks of its own, or allocation.
 */
#include "object.h"

#include <elf.h>

#include "text.h"

/* Pointers in the dynamic section: glibc relocates them in place, musl does not, the vDSO's never are, and gVisor's vDSO
 * is linked at an address above everything. So: whichever reading lies inside the object; 0 when neither does. */
static uintptr_t pointer(uintptr_t bias, uintptr_t value, uintptr_t begin, uintptr_t end)
{
	if (value >= begin && value < end)
		return value;
	return bias + value >= begin && bias + value < end ? bias + value : 0;
}

void ex_object_from(struct ex_object *object, const struct dl_phdr_info *info)
{
	object->bias = info->dlpi_addr;
	object->phdr = info->dlpi_phdr;
	object->phdr_count = info->dlpi_phnum;
	object->dynamic = NULL;
	for (int i = 0; i < object->phdr_count; i++)
		if (object->phdr[i].p_type == PT_DYNAMIC)
			object->dynamic = (const ElfW(Dyn) *)(object->bias + object->phdr[i].p_vaddr);
}

struct tables {
	const ElfW(Sym) * symbols;
	const char *strings;
	const uint32_t *gnu_hash, *hash;
	const ElfW(Half) * versions;
};

static int find_tables(const struct ex_object *object, struct tables *t)
{
	*t = (struct tables){NULL, NULL, NULL, NULL, NULL};
	uintptr_t begin, end;
	if (!object->dynamic)
		return 0;
	ex_object_range(object, &begin, &end);
	for (const ElfW(Dyn) *d = object->dynamic; d->d_tag != DT_NULL; d++) {
		uintptr_t p = pointer(object->bias, d->d_un.d_ptr, begin, end);
		if (d->d_tag == DT_SYMTAB)
			t->symbols = (const ElfW(Sym) *)p;
		else if (d->d_tag == DT_STRTAB)
			t->strings = (const char *)p;
		else if (d->d_tag == DT_GNU_HASH)
			t->gnu_hash = (const uint32_t *)p;
		else if (d->d_tag == DT_HASH)
			t->hash = (const uint32_t *)p;
		else if (d->d_tag == DT_VERSYM)
			t->versions = (const ElfW(Half) *)p;
	}
	return t->symbols && t->strings && (t->gnu_hash || t->hash);
}

/* 0: not this symbol; 1: another version of it; 2: its default version */
static int match(const struct tables *t, uint32_t i, const char *name)
{
	const ElfW(Sym) *s = &t->symbols[i];
	unsigned type = ELF64_ST_TYPE(s->st_info);
	if (s->st_shndx == SHN_UNDEF || !s->st_value ||
	    !(type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_OBJECT))
		return 0;
	if (!ex_same(t->strings + s->st_name, name))
		return 0;
	return t->versions && (t->versions[i] & 0x8000) ? 1 : 2; /* hidden bit: name@VERSION, not name@@VERSION */
}

static uint32_t find_gnu(const struct tables *t, const char *name)
{
	uint32_t h = 5381, count = t->gnu_hash[0], first = t->gnu_hash[1], words = t->gnu_hash[2], found = 0;
	for (const unsigned char *s = (const unsigned char *)name; *s; s++)
		h = h * 33 + *s;
	const ElfW(Addr) *bloom = (const ElfW(Addr) *)(t->gnu_hash + 4);
	const uint32_t *buckets = (const uint32_t *)(bloom + words), *chain = buckets + count;
	if (!count)
		return 0;
	ElfW(Addr) word = bloom[(h / __ELF_NATIVE_CLASS) % words];
	ElfW(Addr) mask = (ElfW(Addr))1 << (h % __ELF_NATIVE_CLASS) |
			  (ElfW(Addr))1 << ((h >> t->gnu_hash[3]) % __ELF_NATIVE_CLASS);
	if ((word & mask) != mask)
		return 0;
	uint32_t i = buckets[h % count];
	if (i < first)
		return 0;
	for (;; i++) {
		uint32_t c = chain[i - first];
		if ((c | 1) == (h | 1)) {
			int how = match(t, i, name);
			if (how == 2)
				return i;
			if (how == 1)
				found = i;
		}
		if (c & 1)
			return found;
	}
}

static uint32_t find_sysv(const struct tables *t, const char *name)
{
	uint32_t h = 0, found = 0;
	for (const unsigned char *s = (const unsigned char *)name; *s; s++) {
		h = (h << 4) + *s;
		h ^= (h >> 24) & 0xf0;
	}
	h &= 0x0fffffff;
	for (uint32_t i = t->hash[2 + h % t->hash[0]]; i; i = t->hash[2 + t->hash[0] + i]) {
		int how = match(t, i, name);
		if (how == 2)
			return i;
		if (how == 1)
			found = i;
	}
	return found;
}

uintptr_t ex_object_pointer(const struct ex_object *object, uintptr_t value)
{
	uintptr_t begin, end;
	ex_object_range(object, &begin, &end);
	return pointer(object->bias, value, begin, end);
}

int ex_object_function(const struct ex_object *object, const char *name, struct ex_function *function)
{
	struct tables t;
	if (!find_tables(object, &t))
		return 0;
	uint32_t i = t.gnu_hash ? find_gnu(&t, name) : find_sysv(&t, name);
	if (!i)
		return 0;
	*function = (struct ex_function){object->bias + t.symbols[i].st_value, t.symbols[i].st_size,
					 ELF64_ST_TYPE(t.symbols[i].st_info) == STT_GNU_IFUNC};
	return 1;
}

void *ex_object_symbol(const struct ex_object *object, const char *name)
{
	struct ex_function f;
	if (!ex_object_function(object, name, &f))
		return NULL;
	if (f.is_ifunc)
		return ((void *(*)(void))f.address)();
	return (void *)f.address;
}

void ex_object_range(const struct ex_object *object, uintptr_t *begin, uintptr_t *end)
{
	*begin = UINTPTR_MAX;
	*end = 0;
	for (int i = 0; i < object->phdr_count; i++) {
		const ElfW(Phdr) *p = &object->phdr[i];
		if (p->p_type != PT_LOAD)
			continue;
		uintptr_t from = object->bias + p->p_vaddr, to = from + p->p_memsz;
		if (from < *begin)
			*begin = from & ~(uintptr_t)4095;
		if (to > *end)
			*end = (to + 4095) & ~(uintptr_t)4095;
	}
}

size_t ex_object_build_id(const struct ex_object *object, const unsigned char **id)
{
	for (int i = 0; i < object->phdr_count; i++) {
		const ElfW(Phdr) *p = &object->phdr[i];
		if (p->p_type != PT_NOTE)
			continue;
		uintptr_t at = object->bias + p->p_vaddr, end = at + p->p_memsz;
		while (at + sizeof(ElfW(Nhdr)) <= end) {
			const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
			uintptr_t name = at + sizeof(*note), desc = name + ((note->n_namesz + 3u) & ~3u);
			if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
			    !memcmp((const void *)name, "GNU", 4)) {
				*id = (const unsigned char *)desc;
				return note->n_descsz;
			}
			at = desc + ((note->n_descsz + 3u) & ~3u);
		}
	}
	return 0;
}

int ex_object_is_writable(const struct ex_object *object, uintptr_t address)
{
	int is_writable = 0;
	for (int i = 0; i < object->phdr_count; i++) {
		const ElfW(Phdr) *p = &object->phdr[i];
		uintptr_t from = object->bias + p->p_vaddr, to = from + p->p_memsz;
		if (p->p_type == PT_LOAD && address >= from && address < to && (p->p_flags & PF_W))
			is_writable = 1;
	}
	for (int i = 0; i < object->phdr_count; i++) {
		const ElfW(Phdr) *p = &object->phdr[i];
		uintptr_t from = object->bias + p->p_vaddr, to = from + p->p_memsz;
		/* the dynamic linker protects whole pages only, so the last, partial one stays writable */
		if (p->p_type == PT_GNU_RELRO && address >= (from & ~(uintptr_t)4095) &&
		    address < (to & ~(uintptr_t)4095))
			is_writable = 0;
	}
	return is_writable;
}

int ex_object_is_self(const struct ex_object *object)
{
	uintptr_t begin, end, here = (uintptr_t)&ex_object_is_self;
	ex_object_range(object, &begin, &end);
	return here >= begin && here < end;
}

struct search {
	const char *name;
	void *found;
};

static int search_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *search = arg;
	struct ex_object object;
	(void)size;
	ex_object_from(&object, info);
	if (!ex_object_is_self(&object))
		search->found = ex_object_symbol(&object, search->name);
	return search->found != NULL;
}

/* weak, so that the dynamic linker does not become a library that we need */
extern struct r_debug _r_debug __attribute__((weak));

/* libc's own, out of the linker's list of objects; NULL when the list is not as we know it */
static int (*find_iterate(void))(int (*each)(struct dl_phdr_info *, size_t, void *), void *arg)
{
	for (struct link_map *l = &_r_debug ? _r_debug.r_map : NULL; l; l = l->l_next) {
		const ElfW(Ehdr) *e = (const ElfW(Ehdr) *)l->l_addr; /* linked at 0: its file begins there */
		if (!l->l_name || !ex_starts(ex_base(l->l_name), "libc.so.") || !e ||
		    memcmp(e->e_ident, ELFMAG, SELFMAG))
			continue;
		struct ex_object libc = {l->l_addr, (const ElfW(Phdr) *)(l->l_addr + e->e_phoff), e->e_phnum, l->l_ld};
		return (int (*)(int (*)(struct dl_phdr_info *, size_t, void *),
				void *))ex_object_symbol(&libc, "dl_iterate_phdr");
	}
	return NULL;
}

/* clang's thread sanitizer, linked into the program, defines the function, and before its own start it calls NULL */
void ex_object_each(int (*each)(struct dl_phdr_info *info, size_t size, void *arg), void *arg)
{
	static int (*iterate)(int (*each)(struct dl_phdr_info *, size_t, void *), void *arg);
	if (!iterate)
		iterate = find_iterate();
	if (!iterate)
		iterate = dl_iterate_phdr;
	iterate(each, arg);
}

void *ex_object_binding(const char *name)
{
	struct search search = {name, NULL};
	ex_object_each(search_object, &search);
	return search.found;
}
