/*
 * check.h: the short form of a unit test: each CHECK is one test in TAP, named by its own text.
 */
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdio.h>
#include <string.h>

static int check_run, check_failed;

#define CHECK(truth)                                                                                                   \
	do {                                                                                                           \
		int is_so_ = (truth) != 0;                                                                             \
		printf("%sok %d - %s\n", is_so_ ? "" : "not ", ++check_run, #truth);                                   \
		if (!is_so_) {                                                                                         \
			printf("# %s:%d\n", __FILE__, __LINE__);                                                       \
			check_failed = 1;                                                                              \
		}                                                                                                      \
	} while (0)
#define CHECK_NEAR(value, wanted)                                                                                      \
	do {                                                                                                           \
		double got_ = (value), wanted_ = (wanted);                                                             \
		int is_near_ = fabs(got_ - wanted_) <= 1e-9 * (1 + fabs(wanted_));                                     \
		printf("%sok %d - %s near %s\n", is_near_ ? "" : "not ", ++check_run, #value, #wanted);                \
		if (!is_near_) {                                                                                       \
			printf("# %s:%d: %.15g, not %.15g\n", __FILE__, __LINE__, got_, wanted_);                      \
			check_failed = 1;                                                                              \
		}                                                                                                      \
	} while (0)
#define CHECK_DONE()                                                                                                   \
	do {                                                                                                           \
		printf("1..%d\n", check_run);                                                                          \
		return check_failed;                                                                                   \
	} while (0)

#endif
