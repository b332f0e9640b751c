/*
 * value_profile.c: see value_profile.h. They return nothing, so one byte does it, and no code of theirs need be understood.
 * All are hidden: a stripped object's have no names left, and then somebody must say where they are.
 */
#include "value_profile.h"

#include "module.h"
#include "object.h"
#include "object_file.h"
#include "options.h"
#include "os/os.h"
#include "stream.h"
#include "text.h"

#define PREFIX "__llvm_profile_instrument_" /* target, memop, vtable_target, range (up to LLVM 13) */
#define ENDBR64 0xfa1e0ff3u
#define RET 0xc3

static uint32_t last_n; /* modules up to this number have been looked at */

struct place {
	const struct ex_object *object;
	int count; /* functions found in it */
};

static void place(struct place *p, uintptr_t fn, const char *symbol)
{
	static const uint8_t ret = RET;
	uint32_t head = 0;
	p->count++;
	memcpy(&head, (const void *)fn, sizeof(head));
	uintptr_t at = fn + (head == ENDBR64 ? 4 : 0);
	if (*(const uint8_t *)at == RET)
		return; /* a second name of it */
	struct ex_os_text text = {at, &ret, 1};
	int result = ex_os_text_write(&text, 1) == 0 ? EX_detour_PLACED : EX_detour_UNWRITABLE;
	EX_PUT(RETURNS, returns, (.fn = fn, .result = (uint8_t)result), EX_TEXT(symbol), );
}

static int is_code(const struct ex_object *object, uintptr_t address)
{
	for (int i = 0; i < object->phdr_count; i++) {
		const ElfW(Phdr) *p = &object->phdr[i];
		uintptr_t begin = object->bias + p->p_vaddr;
		if (p->p_type == PT_LOAD && (p->p_flags & PF_X) && address >= begin && address - begin + 8 < p->p_memsz)
			return 1;
	}
	return 0;
}

static void visit_symbol(void *arg, const char *name, const Elf64_Sym *symbol)
{
	struct place *p = arg;
	const struct ex_object *object = p->object;
	if (ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && ex_starts(name, PREFIX) &&
	    is_code(object, object->bias + symbol->st_value))
		place(p, object->bias + symbol->st_value, name);
}

static void visit(void *arg, uint32_t n, uintptr_t begin)
{
	struct ex_module_info module;
	struct ex_object_file file;
	const struct ex_object *object = ex_module_object(begin);
	struct place p = {object, 0};
	uint32_t *newest = arg;
	if (n <= last_n || !object || !ex_module_find(begin, &module))
		return;
	*newest = n > *newest ? n : *newest;
	for (int i = 0; i < ex_options.returns_count; i++) {
		const struct ex_spec *spec = &ex_options.returns[i];
		uintptr_t fn = module.bias + spec->offset;
		if (ex_length(module.name) == spec->module_length &&
		    !memcmp(module.name, spec->module, spec->module_length) && is_code(object, fn))
			place(&p, fn, "");
	}
	if (!ex_object_file_open(&file, ex_module_path(begin), begin))
		return;
	int is_instrumented = ex_object_file_section(&file, "__llvm_prf_data") != NULL;
	if (is_instrumented)
		ex_object_file_symbols(&file, visit_symbol, &p);
	if (is_instrumented && !p.count) /* stripped, and nobody said where they are; or it records none */
		EX_PUT(RETURNS, returns, (.fn = begin, .result = EX_detour_ABSENT), EX_TEXT(""), );
	ex_object_file_close(&file);
}

void ex_value_profile_place(void)
{
	uint32_t newest = last_n;
	if (!ex_options.value_profile_off || ex_os_is_sealed())
		return;
	ex_module_each(visit, &newest);
	last_n = newest;
}
