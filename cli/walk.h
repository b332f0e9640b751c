/*
 * walk.h: values of registers in a function of a dead process, before the place where it stopped: what has not changed since, what the
 * code itself says, and what the recorded stack holds; then the same in the function that called it. For origin.h.
 */
#ifndef EX_WALK_H
#define EX_WALK_H

#include "body.h"
#include "lead.h"

#define EX_WALK_RBP 6
#define EX_WALK_RSP 7

struct ex_walk {
	const struct ex_image *image;
	struct ex_symbols *symbols;
	struct ex_leads leads;
	struct ex_body body;
	int at;		   /* index in the body: registers are those at its beginning */
	uint64_t regs[17]; /* DWARF's order */
	uint32_t known;	   /* bit N: regs[N] is */
	struct ex_text stack;
	uint64_t stack_begin;
	int steps; /* so far: nothing is looked for without end */
};

/* memory that is there at the crash, with any right */
int ex_walk_is_there(const struct ex_walk *walk, uint64_t word);
/* of a register when instruction number at begins. 0: not known */
int ex_walk_value(struct ex_walk *walk, int at, int reg, uint64_t *value);
/* the memory of that operation, which is instruction number at */
int ex_walk_address(struct ex_walk *walk, int at, const struct ex_operation *operation, uint64_t *address);
/* the one store that can have given a place of the function's own stack the value that instruction number n loads; -1 */
int ex_walk_store(const struct ex_walk *walk, int n);
/* climb.c: the caller's body, with the call as place, and what is known of its registers. 0: it is not known who called */
int ex_walk_climb(struct ex_walk *walk);

#endif
