/*
 * found.h: what the rules find in the world w of a test, which is declared before: its facts and findings.
 */
#ifndef FOUND_H
#define FOUND_H

#include "rules.h"

static const struct ex_candidate *found(enum ex_verdict verdict)
{
	ex_rules_apply(&w.findings, &w.facts);
	for (unsigned i = 0; i < w.findings.count; i++)
		if (w.findings.candidates[i].verdict == verdict)
			return &w.findings.candidates[i];
	return NULL;
}

static int excludes(enum ex_verdict verdict, const char *words)
{
	for (unsigned i = 0; i < w.findings.excluded_count; i++)
		if (w.findings.excluded[i].verdict == verdict && strstr(w.findings.excluded[i].why, words))
			return 1;
	return 0;
}

#endif
