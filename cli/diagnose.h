/*
 * diagnose.h: a finished experiment, told to people and to scripts.
 */
#ifndef EX_DIAGNOSE_H
#define EX_DIAGNOSE_H

#include "experiment.h"

#include <stdio.h>

enum ex_stack {
	EX_STACK_FAULT,	 /* where it died */
	EX_STACK_OWNER,	 /* who registered the handler that the verdict names */
	EX_STACK_WRITER, /* who registered the profile writer */
};

/* frames, innermost first; 0 when there are none. They live as long as the process */
int ex_diagnose_stack(const struct ex_experiment *experiment, enum ex_stack which, const struct ex_place **frames);

void ex_diagnose_text(const struct ex_experiment *experiment, FILE *out, int is_colour);
/* docs/diagnose.schema.json */
void ex_diagnose_json(const struct ex_experiment *experiment, FILE *out);

#endif
