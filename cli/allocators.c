/*
 * allocators.c: the allocators of a process image. Owns the names and versions; must never be asked by a rule: with
 * an empty allocators.def everything but the names stays the same.
 */
#include "allocators.h"

#include "allocator_version.h"
#include "library.h"
#include "object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct ex_known_allocator ex_known_allocators[] = {
#define ALLOCATOR(name, version_symbol, version_base, exit_handler, soname, preload, version_mark, version_printer,    \
		  inside, functions, teardown, marks)                                                                  \
	{name,	       version_symbol,	version_base, exit_handler, soname,                                            \
	 version_mark, version_printer, inside,	      functions,    marks},
#include "allocators.def"
#undef ALLOCATOR
	{.name = NULL}};

static const char *base_name(const struct ex_module *module)
{
	const char *slash = strrchr(module->path, '/');
	return slash ? slash + 1 : module->path;
}

static int is_named(const struct ex_module *module, const struct ex_known_allocator *entry)
{
	return strncmp(base_name(module), entry->soname, strlen(entry->soname)) == 0;
}

static int is_libc(const struct ex_module *module)
{
	return strncmp(base_name(module), "libc.so", 7) == 0 || strncmp(base_name(module), "libc-2", 6) == 0;
}

const struct ex_module *ex_allocators_malloc(const struct ex_image *image, struct ex_symbols *symbols)
{
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id == EX_EV_ENTRY && strcmp(event->tail[0].bytes, "malloc") == 0)
			return ex_image_module(image, EX_EVENT(event, entry)->fn, event->time_ns);
	}
	/* as the dynamic linker binds: the first object that offers the name */
	for (size_t n = 0; n < image->module_count; n++)
		if (!ex_library_is_name(base_name(&image->modules[n])) &&
		    ex_symbols_export(symbols, &image->modules[n], "malloc"))
			return &image->modules[n];
	return NULL;
}

static int is_needed(struct ex_symbols *symbols, const char *name)
{
	for (size_t n = 0; n < symbols->image->module_count; n++)
		if (ex_object_needs(ex_symbols_object(symbols, (int)n), name))
			return 1;
	return 0;
}

static const char *how_loaded(struct ex_symbols *symbols, size_t index)
{
	const struct ex_image *image = symbols->image;
	if (index == 0 || strcmp(image->modules[index].path, image->exe) == 0)
		return "static";
	for (size_t n = 0; n < index; n++)
		if (is_libc(&image->modules[n]))
			return "shared"; /* behind libc: needed by something, or opened later */
	return is_needed(symbols, ex_object_soname(ex_symbols_object(symbols, (int)index))) ? "shared" : "preload";
}

/* Which allocator of the table a module is, or has inside. Names are read of those modules only that may: in a large
 * library that takes a while. */
static const struct ex_known_allocator *recognise(const struct ex_image *image, struct ex_symbols *symbols,
						  size_t index, int may_be_inside)
{
	for (const struct ex_known_allocator *entry = ex_known_allocators; entry->name; entry++) {
		if (is_named(&image->modules[index], entry) ||
		    ex_allocator_told(image, &image->modules[index], entry->version_symbol))
			return entry;
		if (may_be_inside && ex_object_address_of_any(ex_symbols_object(symbols, (int)index), entry->inside))
			return entry;
	}
	return NULL;
}

/* modules whose code changes memory itself, and the program */
static unsigned char *find_growers(const struct ex_image *image)
{
	unsigned char *is_grower = calloc(image->module_count + 1, 1);
	const struct ex_module *last = NULL;
	if (!is_grower)
		abort();
	is_grower[0] = 1;
	for (size_t n = 0; n < image->event_count; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id != EX_EV_GROWTH)
			continue;
		const struct ex_ev_growth *growth = EX_EVENT(event, growth);
		if (growth->class != EX_growth_OTHER_GROW && growth->class != EX_growth_NOT_ALLOCATOR)
			continue;
		if (last && growth->caller >= last->begin && growth->caller < last->end)
			continue;
		const struct ex_module *module = ex_image_module(image, growth->caller, event->time_ns);
		if (module && !is_libc(module))
			is_grower[module - image->modules] = 1;
		last = module ? module : last;
	}
	return is_grower;
}

size_t ex_allocators_find(const struct ex_image *image, struct ex_symbols *symbols, struct ex_allocator **list)
{
	const struct ex_module *bound = ex_allocators_malloc(image, symbols);
	unsigned char *is_grower = find_growers(image);
	size_t count = 0;
	*list = calloc(image->module_count + 1, sizeof(**list));
	if (!*list)
		abort();
	for (size_t n = 0; n < image->module_count; n++) {
		const struct ex_module *module = &image->modules[n];
		const struct ex_known_allocator *entry = recognise(image, symbols, n, is_grower[n]);
		if (!entry && !is_libc(module) && module != bound)
			continue;
		struct ex_allocator one = {.module = module, .exit_handler = "", .how = how_loaded(symbols, n)};
		if (entry) {
			one.name = entry->name;
			one.version = ex_allocator_version(image, ex_symbols_object(symbols, (int)n), entry);
			one.exit_handler = entry->exit_handler;
			if (!is_named(module, entry) && module != bound)
				one.how = "static";
			one.is_inside = strcmp(one.how, "static") == 0;
			one.functions = entry->functions;
		} else if (is_libc(module)) {
			one.name = "glibc";
			one.how = "shared";
			one.version = ex_allocator_libc_version(ex_symbols_file(symbols, module));
		} else {
			one.name = base_name(module);
		}
		(*list)[count++] = one;
		if (module == bound && count > 1) { /* first */
			memmove(*list + 1, *list, (count - 1) * sizeof(one));
			(*list)[0] = one;
		}
	}
	free(is_grower);
	return count;
}

int ex_allocator_has(const struct ex_allocator *allocator, const char *symbol)
{
	const char *start = allocator->functions;
	for (size_t length; start && *start; start += length + (start[length] == ' ')) {
		length = strcspn(start, " ");
		if (strncmp(symbol, start, length) == 0)
			return 1;
	}
	return 0;
}
