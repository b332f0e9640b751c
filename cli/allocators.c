/*
 * allocators.c: the allocators of a process image. Owns the names and versions; must never be asked by a rule: with
 * an empty allocators.def everything but the names stays the same.
 */
#include "allocators.h"

#include "object.h"

#include <ctype.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct known {
	const char *name, *version_symbol;
	unsigned version_base;
	const char *exit_handler, *soname;
} known[] = {
#define ALLOCATOR(name, version_symbol, version_base, exit_handler, soname, package)                                   \
	{name, version_symbol, version_base, exit_handler, soname},
#include "allocators.def"
#undef ALLOCATOR
	{NULL, NULL, 0, NULL, NULL}};

static const char *base_name(const struct ex_module *module)
{
	const char *slash = strrchr(module->path, '/');
	return slash ? slash + 1 : module->path;
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
		if (strncmp(base_name(&image->modules[n]), "libexeunt.so", 12) != 0 &&
		    ex_symbols_export(symbols, &image->modules[n], "malloc"))
			return &image->modules[n];
	return NULL;
}

/* calls back for each stretch of read-only bytes of a file */
static const char *search_file(const char *file, const char *(*match)(const char *bytes, size_t length))
{
	FILE *in = file ? fopen(file, "re") : NULL;
	char *bytes = NULL;
	const char *found = NULL;
	size_t length = 0;
	if (!in)
		return NULL;
	if (fseek(in, 0, SEEK_END) == 0 && ftell(in) > 0) {
		length = (size_t)ftell(in);
		rewind(in);
		bytes = malloc(length + 1);
	}
	if (bytes && length < 1u << 28 && fread(bytes, 1, length, in) == length) {
		bytes[length] = 0;
		found = match(bytes, length);
	}
	fclose(in);
	free(bytes);
	return found;
}

/* "GNU C Library (…) stable release version 2.36." */
static const char *match_libc(const char *bytes, size_t length)
{
	static const char banner[] = "release version ";
	const char *at = memmem(bytes, length, banner, sizeof(banner) - 1);
	if (!at)
		return NULL;
	at += sizeof(banner) - 1;
	size_t digits = strspn(at, "0123456789.");
	while (digits && at[digits - 1] == '.')
		digits--;
	return digits ? strndup(at, digits) : NULL;
}

/* "5.3.0-0-g54eaed1d…": what builds from a git checkout leave of `git describe`, as jemalloc's do */
static const char *match_describe(const char *bytes, size_t length)
{
	const char *end = bytes + length;
	for (const char *at = bytes; (at = memmem(at, (size_t)(end - at), "-g", 2)); at += 2) {
		if (strspn(at + 2, "0123456789abcdef") != 40)
			continue;
		const char *start = at;
		while (start > bytes && (isdigit((unsigned char)start[-1]) || start[-1] == '.' || start[-1] == '-'))
			start--;
		size_t digits = strspn(start, "0123456789.");
		if (digits >= 3 && start[digits] == '-')
			return strndup(start, digits);
	}
	return NULL;
}

static const char *version_text(uint32_t version, unsigned base)
{
	char *text;
	if (base == 0)
		return NULL;
	return asprintf(&text, "%u.%u.%u", version / base, version / 10 % (base / 10), version % 10) < 0 ? NULL : text;
}

/* What a function without arguments returns, when it is one constant. Read from the file: the process is dead. */
static int constant_of(struct ex_object *object, uint64_t fn, uint32_t *value)
{
	unsigned char code[10];
	if (!fn || !ex_object_read(object, fn, code, sizeof(code)))
		return 0;
	const unsigned char *at = memcmp(code, "\xf3\x0f\x1e\xfa", 4) == 0 ? code + 4 : code; /* endbr64 */
	if (at[0] != 0xb8 || at[5] != 0xc3)						      /* mov eax, imm32; ret */
		return 0;
	memcpy(value, at + 1, sizeof(*value));
	return 1;
}

static const char *find_version(const struct ex_image *image, struct ex_symbols *symbols, size_t index,
				const struct known *entry)
{
	uint32_t value;
	for (size_t n = 0; n < image->event_count && *entry->version_symbol; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id == EX_EV_ALLOCATOR && strcmp(event->tail[0].bytes, entry->version_symbol) == 0 &&
		    ex_image_module(image, EX_EVENT(event, allocator)->fn, event->time_ns) == &image->modules[index])
			return version_text(EX_EVENT(event, allocator)->version, entry->version_base);
	}
	struct ex_object *object = ex_symbols_object(symbols, (int)index);
	if (!*entry->version_symbol)
		return search_file(object->file, match_describe);
	if (constant_of(object, ex_object_exports(object, entry->version_symbol), &value))
		return version_text(value, entry->version_base);
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

/* which allocator of the table a module is or contains */
static const struct known *recognise(const struct ex_image *image, struct ex_symbols *symbols, size_t index)
{
	for (const struct known *entry = known; entry->name; entry++) {
		if (strncmp(base_name(&image->modules[index]), entry->soname, strlen(entry->soname)) == 0)
			return entry;
		if (!*entry->version_symbol)
			continue;
		for (size_t n = 0; n < image->event_count; n++)
			if (image->events[n]->meta->id == EX_EV_ALLOCATOR &&
			    strcmp(image->events[n]->tail[0].bytes, entry->version_symbol) == 0 &&
			    ex_image_module(image, EX_EVENT(image->events[n], allocator)->fn,
					    image->events[n]->time_ns) == &image->modules[index])
				return entry;
		if (index == 0 && ex_object_defines(ex_symbols_object(symbols, 0), entry->version_symbol))
			return entry;
	}
	return NULL;
}

size_t ex_allocators_find(const struct ex_image *image, struct ex_symbols *symbols, struct ex_allocator **list)
{
	const struct ex_module *bound = ex_allocators_malloc(image, symbols);
	size_t count = 0;
	*list = calloc(image->module_count + 1, sizeof(**list));
	if (!*list)
		abort();
	for (size_t n = 0; n < image->module_count; n++) {
		const struct ex_module *module = &image->modules[n];
		const struct known *entry = recognise(image, symbols, n);
		if (!entry && !is_libc(module) && module != bound)
			continue;
		struct ex_allocator one = {.module = module, .exit_handler = "", .how = how_loaded(symbols, n)};
		if (entry) {
			one.name = entry->name;
			one.version = find_version(image, symbols, n, entry);
			one.exit_handler = entry->exit_handler;
		} else if (is_libc(module)) {
			one.name = "glibc";
			one.how = "shared";
			one.version = search_file(ex_symbols_file(symbols, module), match_libc);
		} else {
			one.name = base_name(module);
		}
		(*list)[count++] = one;
		if (module == bound && count > 1) { /* first */
			memmove(*list + 1, *list, (count - 1) * sizeof(one));
			(*list)[0] = one;
		}
	}
	return count;
}
