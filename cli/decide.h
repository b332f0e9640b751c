/*
 * decide.h: what the arms of an experiment say about one candidate cause. Pure: counts in, a decision out.
 */
#ifndef EX_DECIDE_H
#define EX_DECIDE_H

enum ex_status { EX_STATUS_NONE, EX_STATUS_LIKELY, EX_STATUS_CONFIRMED, EX_STATUS_REFUTED };

struct ex_tally {
	const char *name; /* of the arm */
	unsigned bad, runs;
};

struct ex_decision {
	enum ex_status status;
	const char *why; /* what refuted it, or what is missing to confirm it; NULL when confirmed */
	double p;	 /* the largest of the confirming arms' p values after Holm; 1 when there are none */
};

/* control NULL: the verdict's table asks for none. Arms with 0 runs count as not done */
struct ex_decision ex_decide(const struct ex_tally *baseline, const struct ex_tally *confirm, unsigned confirm_count,
			     const struct ex_tally *control);
/* confirmed, likely, none: the JSON contract's words */
const char *ex_status_text(enum ex_status status);

#endif
