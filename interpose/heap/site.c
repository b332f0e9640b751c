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

uint32_t ex_site_of(const struct ex_cfi_frame *caller)
{
	uintptr_t pcs[EX_SITE_FRAMES_MAX];
	uint64_t key = 0;
	unsigned frames = ex_cfi_walk(*caller, pcs, (unsigned)ex_options.guard_frames);
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

int ex_site_is_wanted(uint32_t site)
{
	return site && __atomic_load_n(&slots[site].is_wanted, __ATOMIC_RELAXED);
}
