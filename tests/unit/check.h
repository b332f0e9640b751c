/*
 * check.h: the unit tests' one macro. A test is a program: it prints what failed and returns 1, or nothing and 0.
 */
#ifndef CHECK_H
#define CHECK_H

#include <math.h>
#include <stdio.h>
#include <string.h>

static int check_failed;

#define CHECK(truth)                                                                                                   \
	do {                                                                                                           \
		if (!(truth)) {                                                                                        \
			printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #truth);                                     \
			check_failed = 1;                                                                              \
		}                                                                                                      \
	} while (0)
#define CHECK_NEAR(value, wanted)                                                                                      \
	do {                                                                                                           \
		double got_ = (value), wanted_ = (wanted);                                                             \
		if (fabs(got_ - wanted_) > 1e-9 * (1 + fabs(wanted_))) {                                               \
			printf("%s:%d: %s is %.15g, not %.15g\n", __FILE__, __LINE__, #value, got_, wanted_);          \
			check_failed = 1;                                                                              \
		}                                                                                                      \
	} while (0)
#define CHECK_DONE() return check_failed

#endif
