/*
 * site.c: see site.h. A table that only grows, open addressing by the frames' addresses, without a lock: a slot is claimed by
 * its key, and its number is its place.
 */
#include "site.h"

#include "expand.h"
#include "module.h"
#include "options.h"
#include "place.h"
#include "stream.h"

#define FULL (EX_SITES / 4 * 3)
#define MULTIPLIER 0x9e3779b97f4a7c15ull

static struct slot {
	uint64_t key; /* 0: free */
	uint8_t is_wanted;
} slots[EX_SITES] EX_TABLE;
static uint32_t count;

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * MULTIPLIER;
	return hash ^ hash >> 29;
}

/* the same in every run. Code that no module has, a JIT's, is somewhere else each time */
static uint64_t identify(const uintptr_t *pcs, unsigned frames)
{
	uint64_t id = 0;
	for (unsigned i = 0; i < frames; i++) {
		struct ex_module_info module;
		if (!ex_module_find(pcs[i], &module)) {
			id = mix(id, 1);
			continue;
		}
		for (const char *c = module.name; *c; c++)
			id = mix(id, (uint8_t)*c);
		id = mix(id, pcs[i] - module.bias);
	}
	return id;
}

static int is_named(uint64_t id)
{
	for (int i = 0; i < ex_options.guard_site_count; i++)
		if (ex_options.guard_sites[i] == id)
			return 1;
	return 0;
}

static void tell(uint32_t n, const uintptr_t *pcs, unsigned frames)
{
	uint64_t id = identify(pcs, frames);
	slots[n].is_wanted = (uint8_t)is_named(id);
	EX_PUT(SITE, site, (.n = n, .id = id), EX_BLOB(pcs, frames * sizeof(*pcs)), );
}

/* where sites are one frame, a small memory of the last ones: address and number in one word */
#define RECENT 256
static uint64_t recent[RECENT];

static uint64_t *recent_of(uintptr_t pc)
{
	return &recent[pc * MULTIPLIER >> 56];
}

static uint32_t look_up(const uintptr_t *pcs, unsigned frames)
{
	uint64_t key = 0;
	for (unsigned i = 0; i < frames; i++)
		key = mix(key, pcs[i]);
	key |= !key;
	for (uint32_t n = (uint32_t)(key >> 48), looked = 0; looked < EX_SITES; n = (n + 1) % EX_SITES, looked++) {
		uint64_t there = n ? __atomic_load_n(&slots[n].key, __ATOMIC_ACQUIRE) : ~key;
		if (there == key)
			return n;
		if (there)
			continue;
		if (__atomic_load_n(&count, __ATOMIC_RELAXED) >= FULL)
			return 0;
		if (__atomic_compare_exchange_n(&slots[n].key, &there, key, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
			__atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
			tell(n, pcs, frames);
			return n;
		}
		if (there == key)
			return n;
	}
	return 0;
}

uint32_t ex_site_of(const struct ex_cfi_frame *caller)
{
	uintptr_t pcs[EX_SITE_FRAMES_MAX];
	if (ex_options.guard_frames > 1)
		return look_up(pcs, ex_cfi_walk(*caller, pcs, (unsigned)ex_options.guard_frames));
	uint64_t *word = recent_of(caller->pc), known = __atomic_load_n(word, __ATOMIC_RELAXED);
	if (__builtin_expect(known << 16 == caller->pc << 16, 1))
		return (uint32_t)(known >> 48);
	uint32_t n = look_up(&caller->pc, 1);
	__atomic_store_n(word, (uint64_t)n << 48 | caller->pc << 16 >> 16, __ATOMIC_RELAXED);
	return n;
}

int ex_site_is_wanted(uint32_t site)
{
	return site && __atomic_load_n(&slots[site].is_wanted, __ATOMIC_RELAXED);
}
