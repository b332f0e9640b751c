/*
 * stats.h: the statistics that a verdict may rest on. Counts in, probabilities out; no I/O, no state.
 */
#ifndef EX_STATS_H
#define EX_STATS_H

struct ex_interval {
	double low, high; /* of a rate, both in 0..1 */
};

/* Wilson's 95 % interval of a rate, `bad` of `n`; 0..1 when n is 0 */
struct ex_interval ex_stats_wilson(unsigned bad, unsigned n);
/* Fisher's exact test, two-sided: p that two arms with one true rate differ as much as bad_a/n_a and bad_b/n_b.
 * 1 when an arm is empty. */
double ex_stats_fisher(unsigned bad_a, unsigned n_a, unsigned bad_b, unsigned n_b);
/* Holm's step-down correction: adjusted[i] belongs to p[i]; count at most 16 */
void ex_stats_holm(const double *p, double *adjusted, unsigned count);
/* the highest rate that 0 bad of n runs still allow at 95 %: 1 - 0.05^(1/n), exact; 1 when n is 0 */
double ex_stats_upper_of_none(unsigned n);
/* runs per arm from which on a baseline of this rate against an arm that never ends badly gives p < alpha;
 * 0 when no number up to 100000 does */
unsigned ex_stats_runs_needed(double rate, double alpha);

#endif
