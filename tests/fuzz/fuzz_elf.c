/*
 * fuzz_elf.c: everything that `exeunt scan` does with an ELF file or an archive, on any bytes at all. `make fuzz` runs it
 * with libFuzzer; with -DEX_FUZZ_REPLAY only ex_fuzz_elf is here, for a program that brings bytes of its own.
 */
#include "object.h"
#include "scan_file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ex_fuzz_elf(const uint8_t *bytes, size_t length);

/* as text, and as JSON, which has to end as it should */
int ex_fuzz_elf(const uint8_t *bytes, size_t length)
{
	for (int is_json = 0; is_json < 2; is_json++) {
		char *page = NULL;
		size_t page_length = 0;
		struct ex_scan scan = {.out = open_memstream(&page, &page_length), .with_records = 1};
		struct ex_emit emit;
		unsigned char *copy = malloc(length + 1); /* so that a byte too far is seen */
		if (!scan.out || !copy)
			abort();
		memcpy(copy, bytes, length);
		if (is_json) {
			scan.emit = &emit;
			ex_emit_begin(&emit, scan.out);
			ex_emit_array(&emit, NULL);
		}
		int status = ex_scan_bytes(&scan, realloc(copy, length ? length : 1), length);
		if (is_json)
			ex_emit_end(&emit);
		if (fclose(scan.out) ||
		    (status != EX_SCAN_RIGHT && status != EX_SCAN_WRONG && status != EX_SCAN_UNREADABLE) ||
		    (is_json && (emit.depth || !page_length)))
			abort();
		free(page);
	}
	return 0;
}

#ifndef EX_FUZZ_REPLAY
/* What the command allocates lives as long as its process. Here that is a million files, so it is taken back */
#define SLOTS (1u << 14)
static const volatile void *slots[SLOTS];
static unsigned taken;
static int is_tracking;

int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
					      void (*on_free)(const volatile void *));
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static unsigned slot_of(const volatile void *block)
{
	return (unsigned)(((uintptr_t)block >> 4) * 0x9e3779b1u) % SLOTS;
}

static void on_malloc(const volatile void *block, size_t length)
{
	unsigned slot = slot_of(block);
	(void)length;
	if (!is_tracking || !block || taken > SLOTS / 2)
		return;
	while (slots[slot])
		slot = (slot + 1) % SLOTS;
	slots[slot] = block;
	taken++;
}

/* a slot that becomes free must not cut a chain: what is behind it moves up */
static void on_free(const volatile void *block)
{
	unsigned slot = slot_of(block), next;
	if (!is_tracking || !block)
		return;
	while (slots[slot] && slots[slot] != block)
		slot = (slot + 1) % SLOTS;
	if (!slots[slot])
		return;
	slots[slot] = NULL;
	taken--;
	for (next = (slot + 1) % SLOTS; slots[next]; next = (next + 1) % SLOTS) {
		const volatile void *other = slots[next];
		slots[next] = NULL;
		unsigned to = slot_of(other);
		while (slots[to])
			to = (to + 1) % SLOTS;
		slots[to] = other;
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	free((void *)ex_demangle("_Z1fv")); /* opens a library, which stays */
	return !__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	is_tracking = 1;
	ex_fuzz_elf(bytes, length);
	is_tracking = 0;
	for (unsigned slot = 0; taken && slot < SLOTS; slot++)
		if (slots[slot]) {
			free((void *)slots[slot]);
			slots[slot] = NULL;
			taken--;
		}
	return 0;
}
#endif
