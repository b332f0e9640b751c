/*
 * t_stats.c: the statistics against golden numbers. Fisher's come from exact rational arithmetic over the
 * hypergeometric distribution, Wilson's from the roots of its defining equation (both in python); 81/263, 15/148 and
 * 1/29 are the examples of Newcombe's 1998 paper.
 */
#include "stats.h"

#include "check.h"

static void check_fisher(void)
{
	static const struct {
		unsigned a, na, b, nb;
		double p;
	} rows[] = {
		{10, 10, 0, 10, 1.082508822446903e-05},
		{5, 5, 0, 5, 0.007936507936507936},
		{8, 10, 1, 6, 0.03496503496503497},
		{3, 10, 0, 10, 0.21052631578947367},
		{7, 12, 2, 9, 0.1842343415098833},
		{1, 24, 11, 24, 0.0017974143557952587},
		{0, 10, 0, 10, 1},
		{6, 6, 0, 3, 0.011904761904761904},
		{300, 1000, 250, 1000, 0.014093391894333684},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_NEAR(ex_stats_fisher(rows[i].a, rows[i].na, rows[i].b, rows[i].nb), rows[i].p);
		CHECK_NEAR(ex_stats_fisher(rows[i].b, rows[i].nb, rows[i].a, rows[i].na), rows[i].p);
	}
	CHECK_NEAR(ex_stats_fisher(0, 0, 3, 3), 1);
}

static void check_wilson(void)
{
	static const struct {
		unsigned bad, n;
		double low, high;
	} rows[] = {
		{0, 10, 0, 0.2775327998628892},
		{10, 10, 0.7224672001371114, 1},
		{5, 10, 0.236593090512564, 0.763406909487436},
		{1, 29, 0.006113214292762649, 0.17175521879320288},
		{81, 263, 0.2552885198782743, 0.3662095769828},
		{15, 148, 0.06238639953073628, 0.16048724172330803},
		{0, 0, 0, 1},
	};
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ex_interval interval = ex_stats_wilson(rows[i].bad, rows[i].n);
		CHECK_NEAR(interval.low, rows[i].low);
		CHECK_NEAR(interval.high, rows[i].high);
	}
}

static void check_holm(void)
{
	double p[4] = {0.01, 0.04, 0.03, 0.005}, adjusted[4];
	ex_stats_holm(p, adjusted, 4);
	CHECK_NEAR(adjusted[0], 0.03);
	CHECK_NEAR(adjusted[1], 0.06);
	CHECK_NEAR(adjusted[2], 0.06);
	CHECK_NEAR(adjusted[3], 0.02);
	double high[2] = {0.9, 0.8};
	ex_stats_holm(high, adjusted, 2);
	CHECK_NEAR(adjusted[0], 1);
	CHECK_NEAR(adjusted[1], 1);
}

int main(void)
{
	check_fisher();
	check_wilson();
	check_holm();
	CHECK_NEAR(ex_stats_upper_of_none(0), 1);
	CHECK_NEAR(ex_stats_upper_of_none(1), 0.95);
	CHECK_NEAR(ex_stats_upper_of_none(10), 0.2588655508930523);
	CHECK_NEAR(ex_stats_upper_of_none(59), 0.049507609888227);
	CHECK_NEAR(ex_stats_upper_of_none(300), 0.00993608194445772);
	/* 4 of 4 against 0 of 4 is the first pair below 5 % (1/35) */
	CHECK(ex_stats_runs_needed(1, 0.05) == 4);
	CHECK(ex_stats_runs_needed(0, 0.05) == 0);
	CHECK(ex_stats_runs_needed(0.1, 0.05) >= 50);
	CHECK_DONE();
}
