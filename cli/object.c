/*
 * object.c: the ELF file behind a module, over libdwfl. Owns the rule that a name is given only by a symbol whose
 * bytes contain the address: a nearest-below guess names the wrong function in every stripped library.
 * Must never use a file of another build than the process had.
 */
#include "object.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *debuginfo_path; /* libdwfl's own default: the debug folder of the system */
static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.debuginfo_path = &debuginfo_path,
};

static int is_same_build(const char *file, const struct ex_module *module, int must_match)
{
	if (module->build_id_bytes == 0)
		return !must_match;
	int same = 0, fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	const void *id;
	ssize_t bytes = elf ? dwelf_elf_gnu_build_id(elf, &id) : -1;
	if (bytes == (ssize_t)module->build_id_bytes)
		same = memcmp(id, module->build_id, (size_t)bytes) == 0;
	if (elf)
		elf_end(elf);
	close(fd);
	return same;
}

static const char *find_file(const struct ex_module *module, const char *sysroot)
{
	char *inside;
	if (module->path[0] != '/')
		return NULL; /* the kernel's own object, or nothing */
	if (sysroot && *sysroot && asprintf(&inside, "%s%s", sysroot, module->path) > 0 && access(inside, R_OK) == 0)
		return is_same_build(inside, module, 0) ? inside : NULL;
	/* without a sysroot, or for what it lacks: this machine's file, then only if it is the very same build */
	return access(module->path, R_OK) == 0 && is_same_build(module->path, module, sysroot && *sysroot)
		       ? module->path
		       : NULL;
}

void ex_object_open(struct ex_object *object, const struct ex_module *module, const char *sysroot)
{
	elf_version(EV_CURRENT);
	*object = (struct ex_object){.module = module, .file = find_file(module, sysroot)};
	if (!object->file)
		return;
	object->dwfl = dwfl_begin(&callbacks);
	if (object->dwfl) {
		dwfl_report_begin(object->dwfl);
		object->dwfl_module = dwfl_report_elf(object->dwfl, object->file, object->file, -1, module->bias, true);
		dwfl_report_end(object->dwfl, NULL, NULL);
	}
	if (!object->dwfl_module)
		object->file = NULL;
}

static int has_symtab(Elf *elf)
{
	GElf_Shdr header;
	for (Elf_Scn *section = NULL; elf && (section = elf_nextscn(elf, section));)
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			return 1;
	return 0;
}

/* of several names of one address people know the plain one: malloc and not __libc_malloc, then the global one */
static unsigned char rank_of(const char *name, const GElf_Sym *symbol)
{
	unsigned underscores = strncmp(name, "_Z", 2) == 0 ? 0 : (unsigned)strspn(name, "_");
	unsigned bind = GELF_ST_BIND(symbol->st_info);
	unsigned type = GELF_ST_TYPE(symbol->st_info);
	return (unsigned char)((type == STT_NOTYPE || !symbol->st_size ? 64 : 0) +
			       (underscores > 15 ? 15 : underscores) * 4 +
			       (bind == STB_GLOBAL ? 0
				: bind == STB_WEAK ? 1
						   : 2));
}

static int by_begin(const void *a, const void *b)
{
	const struct ex_name *x = a, *y = b;
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return (int)y->rank - (int)x->rank; /* the best comes last: look-ups walk backwards */
}

static void read_names(struct ex_object *object)
{
	object->has_names = 1;
	int count = object->dwfl_module ? dwfl_module_getsymtab(object->dwfl_module) : 0;
	if (count <= 0)
		return;
	object->names = calloc((size_t)count, sizeof(*object->names));
	if (!object->names)
		return;
	Elf *asked = NULL;
	int asked_symtab = 0;
	for (int n = 0; n < count; n++) {
		GElf_Sym symbol;
		GElf_Addr address;
		GElf_Word section;
		Elf *elf;
		Dwarf_Addr bias;
		const char *name =
			dwfl_module_getsym_info(object->dwfl_module, n, &symbol, &address, &section, &elf, &bias);
		unsigned type = name ? GELF_ST_TYPE(symbol.st_info) : STT_TLS;
		if (!name || !*name || section == SHN_UNDEF || type == STT_TLS || type == STT_SECTION ||
		    type == STT_FILE)
			continue;
		if (type == STT_NOTYPE && symbol.st_size == 0)
			continue; /* marks of the linker and the assembler: places, not functions */
		if (elf != asked) {
			asked = elf;
			asked_symtab = has_symtab(elf);
		}
		object->names[object->name_count++] = (struct ex_name){
			.begin = address,
			.end = address + symbol.st_size,
			.name = name,
			.rank = rank_of(name, &symbol),
			.is_symtab = (unsigned char)asked_symtab,
		};
	}
	qsort(object->names, object->name_count, sizeof(*object->names), by_begin);
	uint64_t reach = 0;
	for (size_t n = 0; n < object->name_count; n++) {
		if (object->names[n].end > reach)
			reach = object->names[n].end;
		object->names[n].reach = reach;
	}
}

const struct ex_name *ex_object_name(struct ex_object *object, uint64_t address)
{
	if (!object->has_names)
		read_names(object);
	size_t low = 0, high = object->name_count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (object->names[mid].begin <= address)
			low = mid + 1;
		else
			high = mid;
	}
	/* backwards over names that begin earlier, as long as one of them may still reach the address */
	for (size_t n = low; n-- > 0;) {
		const struct ex_name *name = &object->names[n];
		if (address < name->end || address == name->begin)
			return name;
		if (name->reach <= address && name->begin < address)
			break;
	}
	return NULL;
}

uint64_t ex_object_address(struct ex_object *object, const char *name)
{
	if (!object->has_names)
		read_names(object);
	for (size_t n = 0; n < object->name_count; n++)
		if (strcmp(object->names[n].name, name) == 0)
			return object->names[n].begin;
	return 0;
}

uint64_t ex_object_address_of_any(struct ex_object *object, const char *names)
{
	char name[64];
	uint64_t address = 0;
	for (size_t length; *names && !address; names += length + (names[length] == ' ')) {
		length = strcspn(names, " ");
		snprintf(name, sizeof(name), "%.*s", (int)length, names);
		address = ex_object_address(object, name);
	}
	return address;
}
