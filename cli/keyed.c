/*
 * keyed.c: see keyed.h. Open addressing; a trace may have ten thousand threads and a million events of theirs.
 */
#include "keyed.h"

#include <stdlib.h>
#include <string.h>

static size_t first_slot(const struct ex_keyed *keyed, uint64_t key)
{
	return (size_t)((key * 0x9e3779b97f4a7c15ull) >> 32) & (keyed->slot_count - 1);
}

static uint32_t *slot_of(const struct ex_keyed *keyed, uint64_t key)
{
	size_t at = first_slot(keyed, key);
	while (keyed->slots[at] && keyed->keys[keyed->slots[at] - 1] != key)
		at = (at + 1) & (keyed->slot_count - 1);
	return &keyed->slots[at];
}

/* half of the slots stay free */
static void make_room(struct ex_keyed *keyed)
{
	if (keyed->count * 2 < keyed->slot_count)
		return;
	keyed->slot_count = keyed->slot_count ? keyed->slot_count * 2 : 16;
	free(keyed->slots);
	keyed->slots = calloc(keyed->slot_count, sizeof(*keyed->slots));
	keyed->keys = realloc(keyed->keys, keyed->slot_count * sizeof(*keyed->keys));
	keyed->records = realloc(keyed->records, keyed->slot_count * keyed->record_bytes);
	if (!keyed->slots || !keyed->keys || !keyed->records)
		abort();
	for (size_t i = 0; i < keyed->count; i++)
		*slot_of(keyed, keyed->keys[i]) = (uint32_t)i + 1;
}

void *ex_keyed_at(const struct ex_keyed *keyed, size_t index)
{
	return keyed->records + index * keyed->record_bytes;
}

void *ex_keyed(struct ex_keyed *keyed, uint64_t key)
{
	make_room(keyed);
	uint32_t *slot = slot_of(keyed, key);
	if (*slot)
		return ex_keyed_at(keyed, *slot - 1);
	keyed->keys[keyed->count] = key;
	*slot = (uint32_t)++keyed->count;
	return memset(ex_keyed_at(keyed, keyed->count - 1), 0, keyed->record_bytes);
}

void ex_keyed_free(struct ex_keyed *keyed)
{
	free(keyed->slots);
	free(keyed->keys);
	free(keyed->records);
	*keyed = (struct ex_keyed){.record_bytes = keyed->record_bytes};
}
