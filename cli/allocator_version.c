/*
 * allocator_version.c: versions of allocators: told by the allocator in the process, else read from its file. Must
 * rather give none than one of another part of the program.
 */
#include "allocator_version.h"

#include "text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST (1u << 28) /* bytes of a file that is searched */

static char *read_file(const char *file, size_t *length)
{
	FILE *in = file ? fopen(file, "re") : NULL;
	char *bytes = NULL;
	if (!in)
		return NULL;
	if (fseek(in, 0, SEEK_END) == 0 && ftell(in) > 0 && ftell(in) < FILE_MOST) {
		*length = (size_t)ftell(in);
		rewind(in);
		bytes = malloc(*length + 1);
	}
	if (bytes && fread(bytes, 1, *length, in) != *length) {
		free(bytes);
		bytes = NULL;
	}
	if (bytes)
		bytes[*length] = 0;
	fclose(in);
	return bytes;
}

static size_t span(const char *at, const char *end, const char *of)
{
	size_t length = 0;
	while (length < (size_t)(end - at) && at[length] && strchr(of, at[length]))
		length++;
	return length;
}

/* digits and dots, as text; NULL when it is no version */
static const char *number_at(const char *at, const char *end)
{
	size_t digits = span(at, end, "0123456789.");
	while (digits && at[digits - 1] == '.')
		digits--;
	return digits && *at != '.' ? strndup(at, digits) : NULL;
}

/* "5.3.0-0-g54eaed1d…", a constant of its own: what builds from a git checkout leave of `git describe`; at: the "-g" */
static const char *described_at(const char *bytes, const char *at, const char *end)
{
	const char *start = at;
	if (end - at < 43 || span(at + 2, end, "0123456789abcdef") != 40 || at[42])
		return NULL;
	while (start > bytes && (isdigit((unsigned char)start[-1]) || start[-1] == '.' || start[-1] == '-'))
		start--;
	if (start > bytes && start[-1])
		return NULL;
	return start[span(start, at, "0123456789.")] == '-' ? number_at(start, at) : NULL;
}

/* the version that stands at the mark; several that differ are none: a program has versions of its own too */
static const char *marked_version(const char *bytes, size_t length, const char *mark)
{
	const char *found = NULL, *end = bytes + length;
	for (const char *at = bytes; at && *mark && (at = memmem(at, (size_t)(end - at), mark, strlen(mark)));
	     at += strlen(mark)) {
		const char *one =
			strcmp(mark, "-g") == 0 ? described_at(bytes, at, end) : number_at(at + strlen(mark), end);
		if (one && found && strcmp(one, found) != 0)
			return NULL;
		found = one ? one : found;
	}
	return found;
}

static const char *marked_version_of_file(const char *file, const char *mark)
{
	size_t length = 0;
	char *bytes = *mark ? read_file(file, &length) : NULL;
	const char *found = bytes ? marked_version(bytes, length, mark) : NULL;
	free(bytes);
	return found;
}

/* "GNU C Library (…) stable release version 2.36." */
const char *ex_allocator_libc_version(const char *file)
{
	return marked_version_of_file(file, "release version ");
}

static const char *version_text(uint32_t version, unsigned base)
{
	if (base == 0)
		return NULL;
	if (version >= 100 * base) /* since minor numbers have two digits */
		return ex_format("%u.%u.%u", version / 10000, version / 100 % 100, version % 100);
	return ex_format("%u.%u.%u", version / base, version / 10 % (base / 10), version % 10);
}

/* What a function without arguments returns, when it is one constant. Read from the file: the process is dead. */
static int constant_of(const struct ex_allocator_code *in, uint64_t fn, uint32_t *value)
{
	unsigned char code[10];
	if (!fn || !in->read(in->arg, fn, code, sizeof(code)))
		return 0;
	const unsigned char *at = memcmp(code, "\xf3\x0f\x1e\xfa", 4) == 0 ? code + 4 : code; /* endbr64 */
	if (at[0] != 0xb8 || at[5] != 0xc3)						      /* mov eax, imm32; ret */
		return 0;
	memcpy(value, at + 1, sizeof(*value));
	return 1;
}

/* the number below 100 that is first moved into a register, at the start of a function; -1 */
static int moved_to(const unsigned char *code, size_t length, int prefix, unsigned char opcode)
{
	for (size_t n = 1; n + 5 <= length; n++)
		if (code[n] == opcode && (code[n - 1] == 0x41 ? 0x41 : 0) == prefix && code[n + 1] < 100 &&
		    memcmp(&code[n + 2], "\0\0\0", 3) == 0)
			return code[n + 1];
	return -1;
}

static const char *printed_version(const struct ex_allocator_code *in, const char *printers)
{
	unsigned char code[96]; /* up to the call */
	uint64_t fn = *printers ? in->address(in->arg, printers) : 0;
	if (!fn || !in->read(in->arg, fn, code, sizeof(code)))
		return NULL;
	int esi = moved_to(code, sizeof(code), 0, 0xbe), edx = moved_to(code, sizeof(code), 0, 0xba);
	int ecx = moved_to(code, sizeof(code), 0, 0xb9);
	int r8d = moved_to(code, sizeof(code), 0x41, 0xb8), r9d = moved_to(code, sizeof(code), 0x41, 0xb9);
	if (ecx > 0 && r8d >= 0 && r9d >= 0)
		return ex_format("%d.%d.%d", ecx, r8d, r9d);
	return esi > 0 && edx >= 0 && ecx >= 0 ? ex_format("%d.%d.%d", esi, edx, ecx) : NULL;
}

const struct ex_event *ex_allocator_told(const struct ex_image *image, const struct ex_module *module,
					 const char *version_symbol)
{
	for (size_t n = 0; n < image->event_count && *version_symbol; n++) {
		const struct ex_event *event = image->events[n];
		if (event->meta->id == EX_EV_ALLOCATOR && strcmp(event->tail[0].bytes, version_symbol) == 0 &&
		    ex_image_module(image, EX_EVENT(event, allocator)->fn, event->time_ns) == module)
			return event;
	}
	return NULL;
}

const char *ex_allocator_version_in(const struct ex_allocator_code *code, const struct ex_known_allocator *entry)
{
	uint32_t value;
	if (*entry->version_symbol && constant_of(code, code->address(code->arg, entry->version_symbol), &value))
		return version_text(value, entry->version_base);
	const char *printed = printed_version(code, entry->version_printer);
	if (printed)
		return printed;
	return code->bytes ? marked_version(code->bytes, code->length, entry->version_mark)
			   : marked_version_of_file(code->file, entry->version_mark);
}

/* what an object offers to others counts first */
static uint64_t object_address(void *arg, const char *names)
{
	uint64_t fn = strchr(names, ' ') ? 0 : ex_object_exports(arg, names);
	return fn ? fn : ex_object_address_of_any(arg, names);
}

static int object_read(void *arg, uint64_t address, void *buffer, size_t length)
{
	return ex_object_read(arg, address, buffer, length);
}

const char *ex_allocator_version(const struct ex_image *image, struct ex_object *object,
				 const struct ex_known_allocator *entry)
{
	const struct ex_event *told = ex_allocator_told(image, object->module, entry->version_symbol);
	struct ex_allocator_code code = {.arg = object,
					 .address = object_address,
					 .read = object_read,
					 .file = object->file};
	return told ? version_text(EX_EVENT(told, allocator)->version, entry->version_base)
		    : ex_allocator_version_in(&code, entry);
}
