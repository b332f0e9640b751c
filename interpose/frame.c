/*
 * frame.c: see frame.h. PT_GNU_EH_FRAME holds a sorted table of where functions begin (Linux Standard Base, "Exception
 * Frames"); linkers write it in one form only, and another one is not read here.
 */
#include "frame.h"

#include <string.h>

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

/* the entry of the function that holds pc; NULL */
static const struct entry *find(const struct ex_object *object, uintptr_t pc, uintptr_t *begin)
{
	size_t bytes;
	const struct header *h = header_of(object, &bytes);
	if (!h || h->count > (bytes - sizeof(*h)) / sizeof(h->rows[0]))
		return NULL;
	uint32_t low = 0, high = h->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if ((uintptr_t)h + (uintptr_t)(intptr_t)h->rows[middle].begin <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	const struct entry *e = (const void *)((uintptr_t)h + (uintptr_t)(intptr_t)h->rows[low - 1].entry);
	*begin = (uintptr_t)h + (uintptr_t)(intptr_t)h->rows[low - 1].begin;
	/* the entry's own form is that of its common part: it is the usual one if it says the same */
	if ((uintptr_t)&e->begin + (uintptr_t)(intptr_t)e->begin != *begin || pc - *begin >= e->range)
		return NULL;
	return e;
}

size_t ex_frame_bytes(const struct ex_object *object, uintptr_t fn)
{
	uintptr_t begin;
	const struct entry *e = find(object, fn, &begin);
	return e && begin == fn ? e->range : 0;
}

int ex_frame_find(const struct ex_object *object, uintptr_t pc, struct ex_frame_info *info)
{
	const struct entry *e = find(object, pc, &info->begin);
	if (!e || e->bytes < sizeof(*e) || e->bytes == UINT32_MAX || !e->common)
		return 0;
	const uint8_t *common = (const uint8_t *)&e->common - e->common;
	uint32_t common_bytes;
	memcpy(&common_bytes, common, sizeof(common_bytes));
	if (common_bytes < sizeof(uint32_t) || common_bytes == UINT32_MAX)
		return 0;
	info->common = common + 2 * sizeof(uint32_t);
	info->common_end = common + sizeof(uint32_t) + common_bytes;
	info->own = (const uint8_t *)(e + 1);
	info->own_end = (const uint8_t *)e + sizeof(uint32_t) + e->bytes;
	return 1;
}
