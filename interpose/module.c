/*
 * module.c: see module.h.
 *
 * Finalizers are bracketed only once exit has begun (or before a dlclose): two mprotects an object then, none at start,
 * and objects that were opened later are there too. glibc's _dl_fini reads DT_FINI_ARRAY and DT_FINI from the object's
 * own memory at the moment it runs them, so entries can be replaced in place (checked on 2.31 and 2.36, full RELRO).
 */
#include "module.h"

#include "enter.h"
#include "handler.h"
#include "image.h"
#include "object.h"
#include "os/os.h"
#include "place.h"
#include "profile_image.h"
#include "real.h"
#include "stream.h"
#include "value_profile.h"

#define MODULES 2048

static struct module {
	uint32_t n; /* 1-based; 0 = free row */
	int is_seen, is_bracketed;
	const char *path; /* the dynamic linker's copy: valid while loaded */
	uintptr_t begin, end;
	struct ex_object object;
} modules[MODULES] EX_TABLE;
static uint32_t module_count; /* rows used; grows only */
static uint32_t last_n;
static unsigned long long last_adds, last_subs;
static int is_scanning;

static struct module *find(uintptr_t address)
{
	for (uint32_t i = 0; i < module_count; i++)
		if (modules[i].n && address >= modules[i].begin && address < modules[i].end)
			return &modules[i];
	return NULL;
}

int ex_module_find(uintptr_t address, struct ex_module_info *info)
{
	struct module *m = find(address);
	if (!m)
		return 0;
	*info = (struct ex_module_info){m->n, ex_base(m->path), m->object.bias, m->begin, m->end};
	return 1;
}

const struct ex_object *ex_module_object(uintptr_t address)
{
	struct module *m = find(address);
	return m ? &m->object : NULL;
}

const char *ex_module_path(uintptr_t address)
{
	struct module *m = find(address);
	return m ? m->path : "";
}

void ex_module_each(void (*each)(void *arg, uint32_t n, uintptr_t begin), void *arg)
{
	for (uint32_t i = 0; i < module_count; i++)
		if (modules[i].n && !ex_object_is_self(&modules[i].object))
			each(arg, modules[i].n, modules[i].begin);
}

void ex_module_writable(uintptr_t address, void (*each)(void *arg, uintptr_t begin, uintptr_t end), void *arg)
{
	struct module *m = find(address);
	for (int i = 0; m && i < m->object.phdr_count; i++) {
		const ElfW(Phdr) *p = &m->object.phdr[i];
		if (p->p_type == PT_LOAD && (p->p_flags & PF_W))
			each(arg, m->object.bias + p->p_vaddr, m->object.bias + p->p_vaddr + p->p_memsz);
	}
}

static void bracket(struct module *m)
{
	const ElfW(Dyn) *array = NULL, *size = NULL;
	ElfW(Dyn) *fini = NULL;
	m->is_bracketed = 1;
	for (const ElfW(Dyn) *d = m->object.dynamic; d && d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_FINI_ARRAY)
			array = d;
		else if (d->d_tag == DT_FINI_ARRAYSZ)
			size = d;
		else if (d->d_tag == DT_FINI)
			fini = (ElfW(Dyn) *)(uintptr_t)d;
	}
	if (array && size) {
		uintptr_t *entry = (uintptr_t *)(m->object.bias + array->d_un.d_ptr);
		for (size_t i = 0; i < size->d_un.d_val / sizeof(*entry); i++) {
			uintptr_t thunk;
			if (entry[i] == 0 || entry[i] == (uintptr_t)-1)
				continue;
			thunk = ex_handler_fini(EX_handler_FINI_ARRAY, entry[i], m->object.bias);
			if (thunk)
				ex_object_store(&m->object, &entry[i], thunk);
		}
	}
	if (fini && fini->d_un.d_ptr) {
		uintptr_t thunk =
			ex_handler_fini(EX_handler_DT_FINI, m->object.bias + fini->d_un.d_ptr, m->object.bias);
		if (thunk)
			ex_object_store(&m->object, &fini->d_un.d_ptr, thunk - m->object.bias);
	}
}

static void tell(const struct module *m)
{
	const unsigned char *id = NULL;
	size_t id_bytes = ex_object_build_id(&m->object, &id);
	EX_PUT(MODULE, module, (.n = m->n, .bias = m->object.bias, .begin = m->begin, .end = m->end), EX_TEXT(m->path),
	       EX_BLOB(id, id_bytes), );
}

void ex_module_tell(void)
{
	for (uint32_t i = 0; i < module_count; i++)
		if (modules[i].n)
			tell(&modules[i]);
}

static void add(const struct ex_object *object, const char *path, uintptr_t begin, uintptr_t end)
{
	struct module *m = NULL;
	for (uint32_t i = 0; i < module_count && !m; i++)
		if (!modules[i].n)
			m = &modules[i];
	if (!m) {
		if (module_count == MODULES)
			return;
		m = &modules[module_count++];
	}
	if (!*path) /* the program itself */
		path = ex_image.exe;
	*m = (struct module){++last_n, 1, 0, path, begin, end, *object};
	tell(m);
}

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	int *is_changed = arg;
	struct ex_object object;
	uintptr_t begin, end;
	if (*is_changed < 0) {
		*is_changed = size < offsetof(struct dl_phdr_info, dlpi_subs) + sizeof(info->dlpi_subs) ||
			      info->dlpi_adds != last_adds || info->dlpi_subs != last_subs;
		last_adds = info->dlpi_adds;
		last_subs = info->dlpi_subs;
	}
	if (!*is_changed)
		return 1;
	ex_object_from(&object, info);
	ex_object_range(&object, &begin, &end);
	struct module *m = find(begin);
	if (m && m->begin == begin && m->end == end && m->object.phdr == object.phdr)
		m->is_seen = 1;
	else
		add(&object, info->dlpi_name ? info->dlpi_name : "", begin, end);
	return 0;
}

void ex_module_scan(int with_brackets)
{
	if (__atomic_exchange_n(&is_scanning, 1, __ATOMIC_ACQUIRE))
		return;
	uint64_t signals = ex_os_block_signals(); /* the loader's lock must not be left behind */
	int is_changed = -1;
	for (uint32_t i = 0; i < module_count; i++)
		modules[i].is_seen = 0;
	ex_object_each(visit, &is_changed);
	for (uint32_t i = 0; is_changed && i < module_count; i++) {
		struct module *m = &modules[i];
		if (m->n && !m->is_seen) {
			EX_PUT(MODULE_GONE, module_gone, (.n = m->n), );
			ex_handler_forget_fini(m->object.bias);
			ex_enter_forget(m->begin, m->end);
			ex_profile_forget(m->begin, m->end);
			m->n = 0;
		}
	}
	with_brackets &= !ex_os_is_sealed();
	for (uint32_t i = 0; with_brackets && i < module_count; i++)
		if (modules[i].n && !modules[i].is_bracketed)
			bracket(&modules[i]);
	if (is_changed > 0) {
		ex_enter_place();
		ex_value_profile_place();
	}
	ex_os_restore_signals(signals);
	__atomic_store_n(&is_scanning, 0, __ATOMIC_RELEASE);
}

/* one object in the map: its mappings follow each other, the first one begins with the ELF header */
struct unseen {
	char path[512];
	uintptr_t begin, end;
};

static void tell_unseen(struct unseen *u)
{
	/* a copy: under gVisor the page itself may be one that its host has no mapping for */
	static unsigned char page[4096] __attribute__((aligned(8))) EX_TABLE;
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)page;
	if (u->begin && !find(u->begin) && ex_os_peek(page, u->begin, sizeof(page)) == sizeof(page) &&
	    !memcmp(header->e_ident, ELFMAG, SELFMAG) && header->e_phoff % 8 == 0 && header->e_phoff < sizeof(page) &&
	    header->e_phoff + header->e_phnum * sizeof(ElfW(Phdr)) < sizeof(page)) {
		const ElfW(Phdr) *p = (const ElfW(Phdr) *)(page + header->e_phoff), *end = p + header->e_phnum;
		while (p < end && p->p_type != PT_LOAD)
			p++;
		uintptr_t bias = u->begin - (p < end ? p->p_vaddr & ~(uintptr_t)4095 : 0);
		EX_PUT(MODULE, module, (.n = ++last_n, .bias = bias, .begin = u->begin, .end = u->end),
		       EX_TEXT(u->path), EX_BLOB(NULL, 0), );
	}
	u->begin = 0;
}

static void note_unseen(void *arg, const struct ex_mapping *m)
{
	struct unseen *u = arg;
	struct ex_buffer b;
	if (u->begin && m->offset && ex_same(m->path, u->path)) {
		u->end = m->end;
		return;
	}
	tell_unseen(u);
	if (*m->path != '/' || m->offset || !m->is_readable)
		return;
	ex_buffer_init(&b, u->path, sizeof(u->path));
	ex_buffer_text(&b, m->path);
	u->begin = m->begin;
	u->end = m->end;
}

void ex_module_scan_maps(void)
{
	static struct unseen unseen; /* not on a signal stack */
	unseen.begin = 0;
	if (ex_os_maps_patiently(note_unseen, &unseen) == 0)
		tell_unseen(&unseen);
}
