/*
 * t_profile.c: ex_profile_walk finds exactly the records that were put there: all sizes, every mix, gaps, cut ends.
 */
#include "made_up_records.h"

static int is_as_built(void)
{
	walk();
	return found_count == made.count && memcmp(found, made.wanted, (size_t)found_count * sizeof(*found)) == 0;
}

/* every mix of the three sizes, as programs have them: whole runs of one object's records */
static void test_mixes(void)
{
	for (int mix = 1; mix < 8; mix++)
		for (int kind = 0; kind < 4; kind++) {
			int wrong = 0, runs = 400, is_byte = kind == 3;
			for (int run = 0; run < runs; run++) {
				unsigned weights[3];
				for (int i = 0; i < 3; i++)
					weights[i] = mix >> i & 1 ? 1 + below(20) * below(20) : 0;
				build(1 + below(150), weights, kind ? 20 : 0, kind == 2, is_byte);
				wrong += !is_as_built();
			}
			IS_INT(wrong, 0, "%d sections of sizes%s%s%s%s", runs, mix & 1 ? " 48" : "",
			       mix & 2 ? " 64" : "", mix & 4 ? " 72" : "",
			       ((const char *[]){"", ", gaps", ", gaps, bitmaps", ", gaps, byte coverage"})[kind]);
		}
}

/* one record of another size among many, at each place */
static void test_one_among(void)
{
	static const unsigned sizes[] = {48, 64, 72};
	for (int pair = 0; pair < 6; pair++) {
		unsigned many = sizes[pair / 2], one = sizes[(pair / 2 + 1 + pair % 2) % 3];
		int wrong = 0;
		for (int place = 0; place < 200; place++) {
			build(0, (unsigned[]){1, 0, 0}, 0, 0, 0);
			made.counters = 400;
			made.data = made.counts + 400 * 8;
			for (int i = 0; i < 200; i++)
				record(i == place ? one : many, i * 16, 2, 0, 0);
			wrong += !is_as_built();
		}
		IS_INT(wrong, 0, "one of %u among 199 of %u, at each of 200 places", one, many);
	}
}

/* a section that ends inside its last record; what is left of that is no record */
static void test_cut(void)
{
	int wrong = 0, runs = 2000;
	for (int run = 0; run < runs; run++) {
		build(1 + below(20), (unsigned[]){1, 1, 1}, 0, 0, 0);
		struct piece last = made.wanted[--made.count];
		unsigned left = 1 + below(last.bytes - 1);
		made.length = last.offset;
		for (unsigned i = 0; i < left / 8; i++)
			made.wanted[made.count++] = (struct piece){last.offset + i * 8, 0};
		made.length += left;
		wrong += !is_as_built();
	}
	IS_INT(wrong, 0, "%d sections cut inside the last record", runs);
}

int main(void)
{
	begin();
	build(0, (unsigned[]){1, 0, 0}, 0, 0, 0);
	walk();
	IS_INT(found_count, 0, "an empty section");
	test_mixes();
	test_one_among();
	test_cut();
	return tap_done();
}
