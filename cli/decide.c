/*
 * decide.c: see decide.h. The rules: a confirming arm has no bad run, and differs from the untreated runs at 5 % after
 * Holm; a control arm stays as bad as the baseline. What contradicts refutes; what is missing leaves it "likely".
 */
#include "decide.h"

#include "stats.h"
#include "text.h"

#include <stddef.h>

#define ALPHA 0.05
#define ARMS_MAX 16
#define NOT_COUNTED "no run of the arm %s counts: it was not done, or its treatment never came into play"

static double fisher(const struct ex_tally *a, const struct ex_tally *b)
{
	return ex_stats_fisher(a->bad, a->runs, b->bad, b->runs);
}

/* bad in a as often as in b, or more often: without division */
static int is_as_bad(const struct ex_tally *a, const struct ex_tally *b)
{
	return (unsigned long long)a->bad * b->runs >= (unsigned long long)b->bad * a->runs;
}

static struct ex_decision refuted(const struct ex_tally *arm, const char *what)
{
	struct ex_decision decision = {EX_STATUS_REFUTED, NULL, 1};
	decision.why = ex_format("arm %s %s: %u of %u runs ended badly", arm->name, what, arm->bad, arm->runs);
	return decision;
}

/* refuted, or likely with what speaks against confirming, or confirmed */
static struct ex_decision weigh_control(const struct ex_tally *baseline, const struct ex_tally *control)
{
	struct ex_decision decision = {EX_STATUS_CONFIRMED, NULL, 1};
	if (!control)
		return decision;
	int is_always = baseline->bad == baseline->runs;
	if (!control->runs) {
		decision.status = EX_STATUS_LIKELY;
		decision.why = ex_format(NOT_COUNTED, control->name);
	} else if (!is_as_bad(control, baseline) &&
		   (fisher(baseline, control) < ALPHA || (is_always && control->bad == 0))) {
		return refuted(control, "is a control and changed the outcome as well");
	} else if ((unsigned long long)control->bad * baseline->runs * 2 <
		   (unsigned long long)baseline->bad * control->runs) {
		decision.status = EX_STATUS_LIKELY;
		decision.why =
			ex_format("the control arm %s ended badly less often than the baseline (%u of %u), though "
				  "that may be chance: more runs (--runs) would tell",
				  control->name, control->bad, control->runs);
	}
	return decision;
}

struct ex_decision ex_decide(const struct ex_tally *baseline, const struct ex_tally *confirm, unsigned confirm_count,
			     const struct ex_tally *control)
{
	double p[ARMS_MAX], adjusted[ARMS_MAX];
	struct ex_decision decision = {EX_STATUS_LIKELY, NULL, 1};
	if (!baseline->runs || !baseline->bad) {
		decision.why = "no baseline run that could be counted ended badly";
		return decision;
	}
	decision = weigh_control(baseline, control);
	if (decision.status == EX_STATUS_REFUTED)
		return decision;
	/* sham-treated runs that stayed as bad as untreated ones are untreated runs */
	struct ex_tally reference = *baseline;
	if (control && control->runs && is_as_bad(control, baseline)) {
		reference.bad += control->bad;
		reference.runs += control->runs;
	}
	for (unsigned i = 0; i < confirm_count && i < ARMS_MAX; i++) {
		p[i] = fisher(&reference, &confirm[i]);
		if (confirm[i].bad && (p[i] >= ALPHA || is_as_bad(&confirm[i], &reference)))
			return refuted(&confirm[i], "should have cured it and did not");
	}
	ex_stats_holm(p, adjusted, confirm_count);
	decision.p = 0;
	for (unsigned i = 0; i < confirm_count; i++) {
		const char *why = NULL;
		decision.p = adjusted[i] > decision.p ? adjusted[i] : decision.p;
		if (!confirm[i].runs)
			why = ex_format(NOT_COUNTED, confirm[i].name);
		else if (confirm[i].bad)
			why = ex_format("the arm %s did not cure every run (%u of %u ended badly)", confirm[i].name,
					confirm[i].bad, confirm[i].runs);
		else if (adjusted[i] >= ALPHA)
			why = ex_format("the arm %s did as it should in all %u runs, but against %u bad of %u that may "
					"be chance "
					"(p = %.2g): more runs (--runs) would tell",
					confirm[i].name, confirm[i].runs, reference.bad, reference.runs, adjusted[i]);
		if (why) {
			decision.status = EX_STATUS_LIKELY;
			decision.why = decision.why ? decision.why : why;
		}
	}
	if (!confirm_count) {
		decision.status = EX_STATUS_LIKELY;
		decision.why = "no treatment could confirm it";
		decision.p = 1;
	}
	return decision;
}

const char *ex_status_text(enum ex_status status)
{
	static const char *const texts[] = {"none", "likely", "confirmed", "none"};
	return texts[status];
}
