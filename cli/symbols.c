/*
 * symbols.c: addresses of a process image as module, symbol and line. Owns which module an address belongs to at
 * which time, and how a place is written for people; the files behind modules are object.c's.
 */
#include "symbols.h"

#include "library.h"
#include "object.h"

#include <elfutils/libdw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ex_symbols *ex_symbols_open(const struct ex_image *image, const char *sysroot)
{
	struct ex_symbols *symbols = calloc(1, sizeof(*symbols));
	if (!symbols)
		abort();
	symbols->image = image;
	symbols->sysroot = sysroot;
	symbols->time_ns = UINT64_MAX - 1;
	symbols->objects = calloc(image->module_count + 1, sizeof(*symbols->objects));
	if (!symbols->objects)
		abort();
	return symbols;
}

void ex_symbols_at(struct ex_symbols *symbols, uint64_t time_ns)
{
	symbols->time_ns = time_ns;
}

int ex_symbols_index(const struct ex_symbols *symbols, uint64_t address)
{
	int was_there = -1;
	for (size_t n = 0; n < symbols->image->module_count; n++) {
		const struct ex_module *module = &symbols->image->modules[n];
		if (address < module->begin || address >= module->end)
			continue;
		if (symbols->time_ns >= module->from_ns && symbols->time_ns < module->to_ns)
			return (int)n;
		was_there = (int)n; /* unloaded by then, or told of a little later: better than no name */
	}
	return was_there;
}

struct ex_object *ex_symbols_object(struct ex_symbols *symbols, int index)
{
	struct ex_object *object = &symbols->objects[index];
	if (!object->module)
		ex_object_open(object, &symbols->image->modules[index], symbols->sysroot);
	return object;
}

uint64_t ex_symbols_export(struct ex_symbols *symbols, const struct ex_module *module, const char *name)
{
	for (size_t n = 0; n < symbols->image->module_count; n++)
		if (&symbols->image->modules[n] == module)
			return ex_object_exports(ex_symbols_object(symbols, (int)n), name);
	return 0;
}

const char *ex_symbols_file(struct ex_symbols *symbols, const struct ex_module *module)
{
	for (size_t n = 0; n < symbols->image->module_count; n++)
		if (&symbols->image->modules[n] == module)
			return ex_symbols_object(symbols, (int)n)->file;
	return NULL;
}

const char *ex_symbols_data_section(struct ex_symbols *symbols, uint64_t address)
{
	int index = ex_symbols_index(symbols, address);
	return index < 0 ? NULL : ex_object_data_section(ex_symbols_object(symbols, index), address);
}

const char *ex_symbols_object_at(struct ex_symbols *symbols, uint64_t address, uint64_t *begin, uint64_t *end)
{
	int index = ex_symbols_index(symbols, address);
	struct ex_object *object = index < 0 ? NULL : ex_symbols_object(symbols, index);
	const struct ex_name *name = object && object->dwfl_module ? ex_object_name(object, address) : NULL;
	if (!name || name->end == name->begin)
		return NULL;
	*begin = name->begin;
	*end = name->end;
	return ex_demangle(name->name);
}

int ex_symbols_read(struct ex_symbols *symbols, uint64_t address, void *buffer, size_t length)
{
	int index = ex_symbols_index(symbols, address);
	return index >= 0 && ex_object_read(ex_symbols_object(symbols, index), address, buffer, length);
}

static void find_line(struct ex_place *place, const struct ex_object *object, uint64_t address)
{
	Dwfl_Line *found = dwfl_module_getsrc(object->dwfl_module, address);
	if (found) {
		place->file = dwfl_lineinfo(found, NULL, &place->line, NULL, NULL, NULL);
		return;
	}
	/* libdw finds a compilation unit through .debug_aranges only, which clang and rustc do not write */
	Dwarf_Die *unit = NULL;
	for (Dwarf_Addr bias; (unit = dwfl_module_nextcu(object->dwfl_module, unit, &bias));) {
		if (dwarf_haspc(unit, address - bias) != 1)
			continue;
		Dwarf_Line *line = dwarf_getsrc_die(unit, address - bias);
		if (line && dwarf_lineno(line, &place->line) == 0)
			place->file = dwarf_linesrc(line, NULL, NULL);
		return;
	}
}

struct ex_place ex_symbols_place(struct ex_symbols *symbols, uint64_t address, int is_return_address)
{
	struct ex_place place = {.address = address, .module_name = ""};
	/* a call that never returns may be the last instruction of its function: what follows belongs to another */
	uint64_t inside = address - (is_return_address && address != 0);
	int index = ex_symbols_index(symbols, inside);
	if (index < 0)
		return place;
	place.module = &symbols->image->modules[index];
	const char *slash = strrchr(place.module->path, '/');
	place.module_name = slash ? slash + 1 : place.module->path;
	place.offset = address - place.module->bias;
	struct ex_object *object = ex_symbols_object(symbols, index);
	if (!object->dwfl_module)
		return place;
	const struct ex_name *name = ex_object_name(object, inside);
	if (name) {
		place.symbol = ex_demangle(name->name);
		place.symbol_offset = address - name->begin;
		place.function = name->begin;
		place.source = name->is_symtab ? EX_SYMBOL_SYMTAB : EX_SYMBOL_DYNSYM;
	} else {
		place.function = ex_object_function(object, inside);
	}
	find_line(&place, object, inside);
	return place;
}

const char *ex_place_module_offset(const struct ex_place *place)
{
	char *text;
	int length = place->module ? asprintf(&text, "%s+0x%" PRIx64, place->module_name, place->offset)
				   : asprintf(&text, "0x%" PRIx64, place->address);
	return length < 0 ? "?" : text;
}

int ex_place_is_ours(const struct ex_place *place)
{
	return place->module_name && ex_library_is_name(place->module_name);
}

const char *ex_place_text(const struct ex_place *place)
{
	const char *where = ex_place_module_offset(place);
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		return where;
	if (place->symbol) {
		fputs(place->symbol, out);
		if (place->symbol_offset)
			fprintf(out, "+0x%" PRIx64, place->symbol_offset);
		if (place->source == EX_SYMBOL_INFERRED)
			fputs("?", out);
		fprintf(out, " (%s)", where);
	} else {
		fputs(where, out);
		if (!place->module)
			fputs(" (in no module)", out);
	}
	if (place->file) {
		const char *slash = strrchr(place->file, '/');
		fprintf(out, " %s:%d", slash ? slash + 1 : place->file, place->line);
	}
	fclose(out);
	return text;
}
