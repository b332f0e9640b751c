/*
 * salvage_values.c: see salvage_values.h.
 *
 * A record's value sites are one array of list heads; a list's nodes {value, count, next} lie in the object's own pool, or
 * in the heap once that pool is used up, and a heap may be gone: that is the one thing here that may not be readable. Other
 * threads may add nodes meanwhile, at a list's end, so a list is never shorter than it was when it was counted.
 */
#include "salvage_values.h"

#include "place.h"
#include "stream.h"
#include "text.h"

#define KINDS_MAX 3
#define SITE_VALUES_MAX 255 /* a byte says how many: INSTR_PROF_MAX_NUM_VAL_PER_SITE */
#define TOLD_MAX 64
#define BATCH 64

struct node {
	uint64_t value, count, next;
};

void ex_salvage_unreadable(const struct ex_profile_image *image, int piece, uint64_t record, uint64_t address)
{
	static uint32_t told;
	if (__atomic_fetch_add(&told, 1, __ATOMIC_RELAXED) < TOLD_MAX)
		EX_PUT(UNREADABLE, unreadable,
		       (.module = image->module, .piece = (uint8_t)piece, .record = record, .address = address), );
}

static int is_in(struct ex_profile_part part, uint64_t at, uint64_t bytes)
{
	return at - part.at < part.bytes && bytes <= part.bytes - (at - part.at);
}

/* the object's own sections are there as long as it is; anything else is asked for */
static int read_at(const struct ex_values *v, void *to, uint64_t at, uint64_t bytes)
{
	if (is_in(v->image->nodes, at, bytes) || is_in(v->image->heads, at, bytes)) {
		memcpy(to, (const void *)at, bytes);
		return 1;
	}
	return at && ex_os_peek(to, at, bytes) == bytes;
}

static void cut(struct ex_values *v, int piece, uint64_t address)
{
	if (!v->is_cut && !v->is_quiet)
		ex_salvage_unreadable(v->image, piece, (uintptr_t)v->record, address);
	v->is_cut = 1;
}

/* nodes of a list, or the first `limit` of them; to: NULL, or where to write them */
static unsigned list(struct ex_values *v, uint64_t head, unsigned limit, struct ex_os_out *to)
{
	struct node node = {0, 0, head};
	unsigned n = 0;
	while (n < limit && node.next) {
		uint64_t at = node.next;
		if (!read_at(v, &node, at, sizeof(node))) {
			cut(v, EX_profile_piece_NODE, at);
			break;
		}
		n++;
		if (to)
			ex_os_out_put(to, &node, 16);
	}
	/* gone since it was counted */
	for (; to && n < limit; n++)
		ex_os_out_put(to, (uint64_t[2]){0, 0}, 16);
	return n;
}

/* list heads, as many as one read gets */
struct heads {
	uint64_t words[BATCH];
	uint64_t at; /* of the first, 0 = none read */
};

static uint64_t head_of(struct ex_values *v, struct heads *h, uint64_t at, unsigned left)
{
	uint64_t bytes = (left < BATCH ? left : BATCH) * 8ull;
	if (h->at && at - h->at < sizeof(h->words))
		return h->words[(at - h->at) / 8];
	h->at = at;
	memset(h->words, 0, sizeof(h->words));
	if (at && !read_at(v, h->words, at, bytes)) {
		memset(h->words, 0, sizeof(h->words));
		cut(v, EX_profile_piece_SITES, at);
	}
	return h->words[0];
}

/* how many nodes each site had when it was counted, the kinds one behind the other */
static uint8_t counts[KINDS_MAX * 65536] EX_TABLE;

static void put_u32(struct ex_values *v, uint32_t value)
{
	ex_os_out_put(v->out, &value, sizeof(value));
}

static void put_kind(struct ex_values *v, unsigned kind, unsigned sites, const uint8_t *site_counts, uint64_t array)
{
	static const uint64_t zeros;
	struct heads h = {{0}, 0};
	put_u32(v, kind);
	put_u32(v, sites);
	ex_os_out_put(v->out, site_counts, sites);
	ex_os_out_put(v->out, &zeros, -sites & 7);
	for (unsigned s = 0; s < sites; s++)
		list(v, array ? head_of(v, &h, array + s * 8ull, sites - s) : 0, site_counts[s], v->out);
}

void ex_salvage_values(struct ex_values *v)
{
	uint64_t array = ex_profile_u64(v->record + v->from->values_at), total = 8;
	unsigned first = 0, kinds = 0;
	for (unsigned k = 0; k < v->from->kinds; k++) {
		unsigned sites = ex_profile_u16(v->record + v->from->sites_at + 2 * k);
		struct heads h = {{0}, 0};
		uint32_t nodes = 0;
		for (unsigned s = 0; s < sites; s++) {
			uint64_t head = array ? head_of(v, &h, array + (first + s) * 8ull, sites - s) : 0;
			counts[first + s] = (uint8_t)list(v, head, SITE_VALUES_MAX, NULL);
			nodes += counts[first + s];
		}
		first += sites;
		if (!sites)
			continue;
		if (k >= v->to->kinds) { /* the file's version has no such kind */
			cut(v, EX_profile_piece_SITES, array);
			continue;
		}
		total += ((8ull + sites + 7) & ~7ull) + 16ull * nodes;
		v->count += nodes;
		kinds++;
	}
	if (!kinds)
		return;
	put_u32(v, (uint32_t)total);
	put_u32(v, kinds);
	first = 0;
	for (unsigned k = 0; k < v->from->kinds && k < v->to->kinds; k++) {
		unsigned sites = ex_profile_u16(v->record + v->from->sites_at + 2 * k);
		if (sites)
			put_kind(v, k, sites, counts + first, array ? array + first * 8ull : 0);
		first += sites;
	}
}
