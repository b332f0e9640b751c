/*
 * t_profile_noise.c: ex_profile_walk on damaged sections and on such as can be read in many ways: whatever the bytes are,
 * what it finds is sound, and no other reading leaves less over or changes layout less often.
 */
#include "made_up_records.h"

/* what a record of that size at that place has to say, as the test understands it */
static int may_be(uint64_t at, unsigned bytes)
{
	if (at + bytes > made.length)
		return 0;
	const unsigned char *r = made.bytes + at;
	unsigned wide = bytes == 48 ? 0 : bytes == 64 ? 8 : 16;
	__int128 from = (__int128)(uint64_t)(made.data + at + ex_profile_u64(r + 16)) - made.counts;
	uint32_t n = ex_profile_u32(r + 40 + wide);
	if (n == 0 || from < 0 || from % made.counter_bytes || from / made.counter_bytes + n > made.counters)
		return 0;
	uint64_t values = ex_profile_u64(r + 32 + wide); /* an address, or none */
	if (values && (values < 4096 || values % 8))
		return 0;
	for (unsigned i = 0; i < (bytes == 64 ? 2 : 1); i++) {
		uint32_t bitmap = bytes == 48 ? 0 : ex_profile_u32(r + bytes - 4 - 4 * i);
		__int128 bits =
			bitmap ? (__int128)(uint64_t)(made.data + at + ex_profile_u64(r + 16 + wide)) - made.bits : 0;
		if (bits >= 0 && bits + bitmap <= made.bitmap)
			return 1;
	}
	return 0;
}

/* fewest words left over, then fewest changes, by trying everything from the front; -1: that state cannot be there */
struct cost {
	int gaps, changes;
};
static int cheaper(struct cost a, struct cost b)
{
	return a.gaps < 0 ? 0 : b.gaps < 0 || a.gaps < b.gaps || (a.gaps == b.gaps && a.changes < b.changes);
}
static struct cost best_of_all(void)
{
	static struct cost best[MAX_STEPS + 1][4];
	static const unsigned sizes[] = {0, 48, 64, 72};
	memset(best, 0xff, sizeof(best));
	best[0][0] = (struct cost){0, 0};
	int steps = (int)(made.length / 8);
	for (int step = 0; step < steps; step++)
		for (int to = 0; to < 4; to++) {
			if (to && !may_be((uint64_t)step * 8, sizes[to]))
				continue;
			struct cost *behind = &best[step + (to ? (int)sizes[to] / 8 : 1)][to];
			for (int from = 0; from < 4; from++) {
				struct cost now = best[step][from];
				now.gaps += now.gaps >= 0 && !to;
				now.changes += from && to && from != to;
				if (cheaper(now, *behind))
					*behind = now;
			}
		}
	struct cost all = {-1, -1};
	for (int i = 0; i < 4; i++)
		if (cheaper(best[steps][i], all))
			all = best[steps][i];
	return all;
}

/* whatever the bytes are: one piece behind the other, nothing called a record that is none, and none better */
static int is_sound(void)
{
	walk();
	struct cost cost = {0, 0};
	uint64_t at = 0;
	unsigned before = 0;
	for (int i = 0; i < found_count; i++) {
		unsigned bytes = found[i].bytes;
		if (found[i].offset != at || (bytes && !may_be(at, bytes)))
			return 0;
		cost.gaps += !bytes;
		cost.changes += before && bytes && before != bytes;
		before = bytes;
		at += bytes ? bytes : 8;
	}
	struct cost best = best_of_all();
	return at == made.length / 8 * 8 && cost.gaps == best.gaps && cost.changes == best.changes;
}

static void test_noise(void)
{
	int wrong = 0, ambiguous = 0, runs = 4000;
	for (int run = 0; run < runs; run++) {
		build(1 + below(40), (unsigned[]){1 + below(4), 1 + below(4), below(4)}, 30, below(2), below(4) == 0);
		unsigned changes = below(2) ? below(40) : below(4);
		while (changes--)
			switch (below(3)) {
			case 0:
				made.bytes[below((unsigned)made.length)] ^= 1 << below(8);
				break;
			case 1: /* a place that leads into the counters, and a number that fits */
				put(below((unsigned)made.length / 8) * 8,
				    made.counts - made.data - below((unsigned)made.length), 8);
				break;
			default:
				put(below((unsigned)made.length / 4) * 4, below(8), 4);
			}
		if (below(4) == 0)
			made.length = below((unsigned)made.length + 1);
		wrong += !is_sound();
	}
	IS_INT(wrong, 0, "%d damaged sections: sound, and none better", runs);
	wrong = 0;
	for (int run = 0; run < runs; run++) { /* nearly every place could be a record of every size */
		build(0, (unsigned[]){1, 0, 0}, 0, 0, 0);
		made.counter_bytes = below(2) ? 1 : 8;
		made.counters = 1 << 20;
		made.data = made.counts + (1 << 19);
		made.length = below(800);
		for (uint64_t i = 0; i < made.length; i += 4)
			put(i, below(3) ? below(64) : 0, 4);
		for (uint64_t i = 0; i + 8 <= made.length; i += 8)
			switch (below(4)) {
			case 0: /* leads back into the counters; and so does what could be an address */
			case 1:
				put(i, (uint64_t) - (int64_t)below(1 << 16) * 8, 8);
				break;
			case 2:
				put(i, 4096 + below(1000) * 8, 8);
				break;
			default:
				break;
			}
		wrong += !is_sound();
		for (uint64_t i = 0; i < made.length; i += 8)
			if (may_be(i, 48) + may_be(i, 64) + may_be(i, 72) > 1) {
				ambiguous++;
				break;
			}
	}
	IS_INT(wrong, 0, "%d sections of which many readings are possible: sound, and none better", runs);
	OK(ambiguous > runs / 4, "and many were possible (%d)", ambiguous);
}

int main(void)
{
	begin();
	test_noise();
	return tap_done();
}
