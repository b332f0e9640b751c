/*
 * stack.h: a stack that was used up: whether a fault is that, of which stack, and what the stack is full of. Out of the events
 * CRASH, MAPPING, STACK and STACK_WORD.
 */
#ifndef EX_STACK_H
#define EX_STACK_H

#include "fault.h"
#include "symbols.h"

enum ex_stack_kind {
	EX_STACK_MAIN,
	EX_STACK_THREAD,
	EX_STACK_SIGNAL, /* of a handler, given by sigaltstack */
	EX_STACK_OTHER,	 /* a coroutine's */
};

#define EX_STACK_WORDS 4

struct ex_overflow {
	const char *why_not; /* the fault is none; then the rest means nothing */
	int is_told;	     /* where the stacks lie is known */
	int is_after_call;   /* a system call took the stack away under its caller */
	int has_more;	     /* below a signal stack, before what cannot be written */
	enum ex_stack_kind kind;
	uint64_t sp, address;
	uint64_t begin, end;		/* of the stack, as far as it is known; what lies below begin is none of it */
	uint64_t frame;			/* of one that is larger than what was left of the stack, 0 */
	uint64_t limit;			/* RLIMIT_STACK */
	const struct ex_event *mapping; /* MAPPING that the address lies in, NULL: nothing is there */
	struct {
		uint64_t word, bytes; /* from one to the next, 0 where that is not always the same */
		unsigned count;
	} words[EX_STACK_WORDS]; /* return addresses that are on it again and again, the most frequent first */
	unsigned word_count;
};

void ex_overflow_find(struct ex_overflow *overflow, const struct ex_image *image, const struct ex_fault *fault);
/* "the stack of thread 12 (256 KiB)" */
const char *ex_overflow_text(const struct ex_overflow *overflow, uint32_t tid);
uint64_t ex_overflow_bytes(const struct ex_overflow *overflow);

#endif
