/*
 * site.c: see site.h. A table that only grows, open addressing by the frames' addresses, without a lock: a slot is claimed by
 * its key, and its number is its place.
 */
#include "site.h"

#include "cfi_step.h"
#include "expand.h"
#include "module.h"
#include "options.h"
#include "place.h"
#include "stream.h"

#define FULL (EX_SITES / 4 * 3)
#define MULTIPLIER 0x9e3779b97f4a7c15ull

static uint64_t keys[EX_SITES] EX_TABLE; /* 0: free */
static uint8_t wanted[EX_SITES] EX_TABLE;
static uint32_t count;

static inline uint64_t mix(uint64_t hash, uint64_t value)
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
	wanted[n] = (uint8_t)is_named(id);
	EX_PUT(SITE, site, (.n = n, .id = id), EX_BLOB(pcs, frames * sizeof(*pcs)), );
}

/*
 * A key is a sum over return addresses. The usual number of frames has a short way: where a call comes from the same place with the
 * same stack pointer as another one did, its return addresses probably lie where those of that one lay. When such a layout
 * and what lies there are what a walk once found, of frames that all have a size that is known, a walk would find the same.
 * The sites themselves are spread over half a megabyte: those used last are kept closer together, 16 bits of number and 48
 * of key a word (clang -O2: a third of the cost was the cache's misses).
 */
#define SHORT_FRAMES EX_GUARD_FRAMES
#define HINT_BITS 12
#define RECENT 8192
static uint64_t
	hints[1u << HINT_BITS] EX_TABLE; /* layouts: 16 bits for each caller, in words above the stack pointer */
static uint64_t recent[RECENT] EX_TABLE;
_Static_assert(SHORT_FRAMES == 4, "three callers in a layout");

static inline uint64_t add_frame(uint64_t sum, uintptr_t pc)
{
	return (sum << 23 | sum >> 41) + pc * MULTIPLIER;
}

static inline uint64_t key_of(uint64_t sum)
{
	uint64_t key = (sum ^ sum >> 32) * MULTIPLIER;
	return key | !key;
}

/* its number if it was used lately, 0 */
static inline uint32_t find_recent(uint64_t key)
{
	uint64_t word = __atomic_load_n(&recent[key % RECENT], __ATOMIC_RELAXED);
	return (word ^ key) >> 16 ? 0 : (uint32_t)(word & 0xffff);
}

static inline void keep_recent(uint64_t key, uint32_t n)
{
	__atomic_store_n(&recent[key % RECENT], (key & ~(uint64_t)0xffff) | n, __ATOMIC_RELAXED);
}

static inline uint64_t *hint_of(uintptr_t pc, uintptr_t sp)
{
	return &hints[((pc ^ sp << 20) * MULTIPLIER) >> (64 - HINT_BITS)];
}

/* of the first frames; 0 when there is no more room */
static __attribute__((noinline)) uint32_t make(uintptr_t pc, uintptr_t sp, uintptr_t fp)
{
	uintptr_t pcs[EX_SITE_FRAMES_MAX];
	unsigned frames = ex_cfi_walk((struct ex_cfi_frame){pc, sp, fp}, pcs, (unsigned)ex_options.guard_frames);
	uint64_t sum = 0, key;
	for (unsigned i = 0; i < frames; i++)
		sum = add_frame(sum, pcs[i]);
	key = key_of(sum);
	for (uint32_t n = (uint32_t)(key >> 48), looked = 0; looked < EX_SITES; n = (n + 1) % EX_SITES, looked++) {
		uint64_t there = n ? __atomic_load_n(&keys[n], __ATOMIC_ACQUIRE) : ~key;
		if (there == key)
			return n;
		if (there)
			continue;
		if (__atomic_load_n(&count, __ATOMIC_RELAXED) >= FULL)
			return 0;
		if (__atomic_compare_exchange_n(&keys[n], &there, key, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
			__atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
			tell(n, pcs, frames);
			return n;
		}
		if (there == key)
			return n;
	}
	return 0;
}

static inline uint32_t find(uint64_t key)
{
	uint32_t n = (uint32_t)(key >> 48);
	return n && __atomic_load_n(&keys[n], __ATOMIC_ACQUIRE) == key ? n : 0;
}

/* by rows that are remembered, to the site where its key leads at once */
static __attribute__((noinline)) uint32_t walk(uintptr_t pc, uintptr_t sp, uintptr_t fp)
{
	struct ex_cfi_state s = {pc, sp, fp, 0};
	uint64_t sum = add_frame(0, pc), layout = 0;
	unsigned frames = 1, wanted_frames = (unsigned)ex_options.guard_frames;
	int is_plain = wanted_frames == SHORT_FRAMES;
	while (frames < wanted_frames) {
		int how = ex_cfi_step(&s);
		if (how == EX_CFI_STEP_OTHER)
			return make(pc, sp, fp);
		if (how == EX_CFI_STEP_END || !s.pc)
			break;
		uint64_t words = (s.sp - sp + (uintptr_t)(intptr_t)EX_RETURN_AT) / sizeof(uint64_t);
		is_plain &= how == EX_CFI_STEP_BY_SP && words <= UINT16_MAX;
		if (__builtin_expect(ex_cfi_is_ours(s.pc), 0)) {
			is_plain = 0;
			continue;
		}
		sum = add_frame(sum, s.pc);
		layout |= words << 16 * (frames++ - 1) % 64;
	}
	uint64_t key = key_of(sum);
	uint32_t n = find_recent(key);
	if (!n) {
		n = find(key);
		if (!n)
			n = make(pc, sp, fp);
		if (n)
			keep_recent(key, n);
	}
	if (n && is_plain && frames == SHORT_FRAMES) {
		keep_recent(key_of(sum + layout), n);
		__atomic_store_n(hint_of(pc, sp), layout, __ATOMIC_RELAXED);
	}
	return n;
}

uint32_t ex_site_of(uintptr_t pc, uintptr_t sp, uintptr_t fp)
{
	uint64_t layout = __atomic_load_n(hint_of(pc, sp), __ATOMIC_RELAXED), sum;
	uintptr_t below = sp - ex_self.walked, known = ex_self.walked_end - ex_self.walked;
	const uintptr_t *stack = (const uintptr_t *)sp;
	if (__builtin_expect(layout && below < known && (layout >> 32) * sizeof(*stack) < known - below, 1)) {
		sum = add_frame(add_frame(0, pc), stack[layout & 0xffff]);
		sum = add_frame(add_frame(sum, stack[layout >> 16 & 0xffff]), stack[layout >> 32]);
		uint32_t n = find_recent(key_of(sum + layout));
		if (__builtin_expect(n != 0, 1))
			return n;
	}
	return walk(pc, sp, fp);
}

int ex_site_is_wanted(uint32_t site)
{
	return site && __atomic_load_n(&wanted[site], __ATOMIC_RELAXED);
}
