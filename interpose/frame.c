/*
 * frame.c: see frame.h. PT_GNU_EH_FRAME holds a sorted table of where functions begin (Linux Standard Base, "Exception
 * Frames"); linkers write it in one form only, and another one is not read here.
 */
#include "frame.h"

#define VERSION 1
#define PCREL_SDATA4 0x1b
#define UDATA4 0x03
#define DATAREL_SDATA4 0x3b

struct header {
	uint8_t version, frames_encoding, count_encoding, table_encoding;
	int32_t frames;
	uint32_t count;
	struct {
		int32_t begin, entry; /* from the header */
	} rows[];
};

struct entry { /* FDE */
	uint32_t bytes, common;
	int32_t begin; /* from here */
	uint32_t range;
};

static const struct header *header_of(const struct ex_object *object, size_t *bytes)
{
	for (int i = 0; i < object->phdr_count; i++) {
		const ElfW(Phdr) *p = &object->phdr[i];
		const struct header *h = (const void *)(object->bias + p->p_vaddr);
		if (p->p_type != PT_GNU_EH_FRAME || p->p_memsz < sizeof(*h))
			continue;
		*bytes = p->p_memsz;
		return h->version == VERSION && h->frames_encoding == PCREL_SDATA4 && h->count_encoding == UDATA4 &&
				       h->table_encoding == DATAREL_SDATA4
			       ? h
			       : NULL;
	}
	return NULL;
}

size_t ex_frame_bytes(const struct ex_object *object, uintptr_t fn)
{
	size_t bytes;
	const struct header *h = header_of(object, &bytes);
	if (!h || h->count > (bytes - sizeof(*h)) / sizeof(h->rows[0]))
		return 0;
	uint32_t low = 0, high = h->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uintptr_t begin = (uintptr_t)h + (uintptr_t)(intptr_t)h->rows[middle].begin;
		if (begin == fn) {
			const struct entry *e =
				(const void *)((uintptr_t)h + (uintptr_t)(intptr_t)h->rows[middle].entry);
			/* the entry's own form is that of its common part: it is the usual one if it says the same */
			return (uintptr_t)&e->begin + (uintptr_t)(intptr_t)e->begin == fn ? e->range : 0;
		}
		if (begin < fn)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}
