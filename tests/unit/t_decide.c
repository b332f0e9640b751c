/*
 * t_decide.c: what arms may confirm, and what they refute.
 */
#include "decide.h"

#include "check.h"

static struct ex_decision decide(unsigned base_bad, unsigned base, unsigned flush_bad, unsigned flush,
				 unsigned skip_bad, unsigned skip, unsigned sham_bad, unsigned sham)
{
	struct ex_tally baseline = {"baseline", base_bad, base}, control = {"sham", sham_bad, sham};
	struct ex_tally confirm[2] = {{"flush", flush_bad, flush}, {"skip", skip_bad, skip}};
	return ex_decide(&baseline, confirm, 2, &control);
}

int main(void)
{
	/* always, cured twice, control unmoved */
	CHECK(decide(10, 10, 0, 10, 0, 10, 10, 10).status == EX_STATUS_CONFIRMED);
	CHECK(decide(10, 10, 0, 10, 0, 10, 10, 10).p < 1e-6);
	CHECK(decide(3, 3, 0, 3, 0, 3, 3, 3).status == EX_STATUS_CONFIRMED);
	/* right, but chance is not excluded: 1 of 15 */
	CHECK(decide(2, 2, 0, 2, 0, 2, 2, 2).status == EX_STATUS_LIKELY);
	CHECK(decide(1, 1, 0, 1, 0, 1, 1, 1).status == EX_STATUS_LIKELY);
	/* the control cures too */
	CHECK(decide(10, 10, 0, 10, 0, 10, 0, 10).status == EX_STATUS_REFUTED);
	CHECK(decide(1, 1, 0, 1, 0, 1, 0, 1).status == EX_STATUS_REFUTED);
	CHECK(decide(10, 10, 0, 10, 0, 10, 4, 10).status == EX_STATUS_REFUTED);
	/* a confirming arm changes nothing */
	CHECK(decide(10, 10, 10, 10, 0, 10, 10, 10).status == EX_STATUS_REFUTED);
	CHECK(decide(10, 10, 0, 10, 10, 10, 10, 10).status == EX_STATUS_REFUTED);
	CHECK(decide(10, 10, 0, 10, 9, 10, 10, 10).status == EX_STATUS_REFUTED);
	/* changes it, and does not cure it */
	CHECK(decide(10, 10, 0, 10, 2, 10, 10, 10).status == EX_STATUS_LIKELY);
	/* arms that were not done */
	CHECK(decide(10, 10, 0, 0, 0, 10, 10, 10).status == EX_STATUS_LIKELY);
	CHECK(decide(10, 10, 0, 10, 0, 10, 0, 0).status == EX_STATUS_LIKELY);
	CHECK(decide(0, 0, 0, 0, 0, 0, 0, 0).status == EX_STATUS_LIKELY);
	/* now and then */
	CHECK(decide(5, 10, 0, 10, 0, 10, 5, 10).status == EX_STATUS_CONFIRMED);
	CHECK(decide(2, 10, 0, 10, 0, 10, 2, 10).status == EX_STATUS_LIKELY);
	CHECK(decide(2, 10, 2, 10, 0, 10, 2, 10).status == EX_STATUS_REFUTED);
	CHECK(decide(6, 10, 0, 10, 0, 10, 0, 10).status == EX_STATUS_REFUTED);
	CHECK(decide(6, 10, 0, 10, 0, 10, 2, 10).status == EX_STATUS_LIKELY);
	/* no control asked for */
	struct ex_tally baseline = {"baseline", 10, 10}, flush = {"flush", 0, 10};
	CHECK(ex_decide(&baseline, &flush, 1, NULL).status == EX_STATUS_CONFIRMED);
	CHECK(ex_decide(&baseline, &flush, 0, NULL).status == EX_STATUS_LIKELY);
	CHECK_DONE();
}
