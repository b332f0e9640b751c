/*
 * stats.c: Wilson, Fisher, Holm, the bound for "never seen". See stats.h. Golden numbers are in tests/unit/t_stats.c.
 */
#include "stats.h"

#include <math.h>

#define Z_95 1.959963984540054 /* two-sided 95 % of the normal distribution */

struct ex_interval ex_stats_wilson(unsigned bad, unsigned n)
{
	struct ex_interval interval = {0, 1};
	if (!n)
		return interval;
	double rate = (double)bad / n, z2 = Z_95 * Z_95;
	double scale = 1 + z2 / n;
	double centre = (rate + z2 / (2 * n)) / scale;
	double half = Z_95 / scale * sqrt(rate * (1 - rate) / n + z2 / (4.0 * n * n));
	/* at the ends the formula is 0 or 1 up to rounding */
	interval.low = bad == 0 ? 0 : centre - half;
	interval.high = bad == n ? 1 : centre + half;
	return interval;
}

static double log_choose(unsigned n, unsigned k)
{
	return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
}

double ex_stats_fisher(unsigned bad_a, unsigned n_a, unsigned bad_b, unsigned n_b)
{
	if (!n_a || !n_b || bad_a > n_a || bad_b > n_b)
		return 1;
	unsigned bad = bad_a + bad_b, n = n_a + n_b;
	unsigned lowest = bad > n_b ? bad - n_b : 0, highest = bad < n_a ? bad : n_a;
	double whole = log_choose(n, bad);
	double seen = log_choose(n_a, bad_a) + log_choose(n_b, bad_b) - whole;
	double p = 0;
	/* tables as unlikely as the one seen, or more so; the slack is for rounding, as R and scipy have it */
	for (unsigned k = lowest; k <= highest; k++) {
		double here = log_choose(n_a, k) + log_choose(n_b, bad - k) - whole;
		if (here <= seen + 1e-7)
			p += exp(here);
	}
	return p > 1 ? 1 : p;
}

void ex_stats_holm(const double *p, double *adjusted, unsigned count)
{
	unsigned char done[16] = {0};
	double floor_so_far = 0;
	for (unsigned step = 0; step < count && step < 16; step++) {
		unsigned smallest = count;
		for (unsigned i = 0; i < count; i++)
			if (!done[i] && (smallest == count || p[i] < p[smallest]))
				smallest = i;
		double value = p[smallest] * (count - step);
		if (value < floor_so_far)
			value = floor_so_far;
		if (value > 1)
			value = 1;
		floor_so_far = adjusted[smallest] = value;
		done[smallest] = 1;
	}
}

double ex_stats_upper_of_none(unsigned n)
{
	return n ? 1 - pow(0.05, 1.0 / n) : 1;
}

unsigned ex_stats_runs_needed(double rate, double alpha)
{
	for (unsigned n = 1; n <= 100000; n += 1 + n / 100) {
		unsigned bad = (unsigned)floor(rate * n);
		if (bad && ex_stats_fisher(bad, n, 0, n) < alpha)
			return n;
	}
	return 0;
}
