/*
 * profile.c: see profile.h. Which layout a record has is written nowhere. But its relative pointer to its counters, and how
 * many they are, must lead into the counters' section, and so must those of the record behind it, wherever that begins.
 */
#include "profile.h"

static const struct ex_raw_version versions[] = {
#define RAW(...) {__VA_ARGS__},
#include "profile.def"
#undef RAW
};

#define VERSIONS ((int)(sizeof(versions) / sizeof(versions[0])))

const struct ex_raw_version *ex_raw_version(unsigned version)
{
	for (int i = 0; i < VERSIONS; i++)
		if (versions[i].version == version)
			return &versions[i];
	return NULL;
}

const struct ex_raw_version *ex_raw_version_of(unsigned record_bytes)
{
	for (int i = VERSIONS - 1; i >= 0; i--)
		if (versions[i].record_bytes == record_bytes)
			return &versions[i];
	return NULL;
}

/* sizes that records may have: a state each, and one for 8 bytes that are no record */
enum { GAP, STATES = 4 };
static const unsigned sizes[STATES] = {8, 48, 64, 72};
#define GAP_COST (1u << 12) /* of 8 bytes; more than all changes of layout in what could be put in their place */
#define NEVER UINT32_MAX

static int has_counters(const struct ex_profile_sections *s, uint64_t at, uint64_t count)
{
	uint64_t offset = at - s->counts, each = s->counter_bytes ? s->counter_bytes : 8;
	return count && offset < s->counts_bytes && offset % each == 0 && count <= (s->counts_bytes - offset) / each;
}

/* of all versions with that size; those of 64 bytes differ only in where the bitmap's length is */
static int is_record(const struct ex_profile_sections *s, uint64_t offset, unsigned bytes)
{
	const unsigned char *record = s->records + offset;
	if (bytes > s->data_bytes - offset)
		return 0;
	for (int i = 0; i < VERSIONS; i++) {
		const struct ex_raw_version *v = &versions[i];
		if (v->record_bytes != bytes)
			continue;
		uint64_t counters = s->data + offset + ex_profile_u64(record + 16);
		if (!has_counters(s, counters, ex_profile_u32(record + v->counters_at)))
			continue;
		/* relocated or not: an address, or none. Another layout has small numbers there */
		uint64_t values = ex_profile_u64(record + v->values_at);
		if (values && (values < 4096 || values % 8))
			continue;
		uint32_t bitmap = v->bitmap_bytes_at ? ex_profile_u32(record + v->bitmap_bytes_at) : 0;
		uint64_t bits = bitmap ? s->data + offset + ex_profile_u64(record + v->bitmap_at) - s->bits : 0;
		if (bitmap > s->bits_bytes || bits > s->bits_bytes - bitmap)
			continue;
		return 1;
	}
	return 0;
}

size_t ex_profile_scratch_bytes(const struct ex_profile_sections *s)
{
	return (size_t)(s->data_bytes / 8 + 1) * STATES * sizeof(uint32_t);
}

static uint32_t cheapest(const uint32_t *costs, int state, int *next)
{
	uint32_t best = NEVER;
	for (int i = 0; i < STATES; i++) {
		if (costs[i] == NEVER)
			continue;
		uint32_t cost = costs[i] + (state != i && i != GAP && state != GAP);
		if (cost < best) {
			best = cost;
			*next = i;
		}
	}
	return best;
}

void ex_profile_walk(const struct ex_profile_sections *s, void *scratch, ex_profile_each each, void *arg)
{
	uint32_t(*costs)[STATES] = scratch;
	uint64_t steps = s->data_bytes / 8;
	int state = GAP;
	for (int i = 0; i < STATES; i++)
		costs[steps][i] = 0;
	for (uint64_t step = steps; step-- > 0;)
		for (int i = 0; i < STATES; i++) {
			int next;
			uint32_t cost = NEVER;
			if (i == GAP || is_record(s, step * 8, sizes[i]))
				cost = cheapest(costs[step + sizes[i] / 8], i, &next);
			if (i == GAP && cost < NEVER - GAP_COST)
				cost += GAP_COST;
			costs[step][i] = cost;
		}
	for (uint64_t step = 0; step < steps;) {
		cheapest(costs[step], state, &state);
		each(arg, step * 8, state == GAP ? 0 : sizes[state]);
		step += sizes[state] / 8;
	}
}
