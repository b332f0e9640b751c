/*
 * rules_foreign.c: the rule of foreign-free: it died in a function that frees, which had been given a block that it does
 * not know. See rules.h. What the block was, a stack does not tell: freed twice, damaged or foreign look the same from
 * here. So this is no verdict by itself; a run with free=own must show a block that lay in another module's memory.
 */
#include "rules.h"

#include "text.h"

#include <string.h>

/* the frame of a function that frees, -1. The addresses that a process binds are told when exit begins; before that a
 * frame is known by what its module offers to others under the names of the C standard */
static int freeing_frame(const struct ex_teardown *t, const char **symbol)
{
	static const char *const names[] = {"free", "realloc"};
	for (int f = 0; f < t->crash_frames; f++) {
		const struct ex_place *place = &t->crash_stack[f];
		const char *bound = NULL;
		if (!place->module || !place->function || ex_place_is_ours(place))
			continue;
		int is_bound = ex_rules_entry_frame(t, f + 1, &bound) == f;
		for (unsigned n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
			if (is_bound ? strcmp(bound, names[n]) != 0
				     : !t->symbols || ex_symbols_export(t->symbols, place->module, names[n]) !=
							      place->function)
				continue;
			*symbol = names[n];
			return f;
		}
	}
	return -1;
}

static const char *not_this(const struct ex_facts *facts)
{
	const struct ex_teardown *t = facts->teardown;
	const struct ex_image *image = facts->processes->judged;
	const char *symbol = NULL;
	struct ex_lead lead;
	if (!image->crash)
		return "no fatal signal was seen inside the process";
	int entry = freeing_frame(t, &symbol);
	if (entry < 0)
		return "it did not die in a function that frees";
	if (entry + 1 == t->crash_frames || !t->crash_stack[entry + 1].module)
		return "it is not known who called the function that frees";
	if (ex_rules_lead(&lead, t))
		return "an exit handler had taken away what the function that frees needs";
	return NULL;
}

void ex_rules_foreign_free(struct ex_findings *findings, const struct ex_facts *facts)
{
	const enum ex_verdict verdict = EX_VERDICT_FOREIGN_FREE;
	const struct ex_teardown *t = facts->teardown;
	const char *symbol = NULL;
	if (!facts->is_bad)
		return;
	const char *why = not_this(facts);
	if (why) {
		ex_rules_exclude(findings, verdict, why);
		return;
	}
	struct ex_candidate *c = ex_rules_candidate(findings, verdict);
	if (!c)
		return;
	int entry = freeing_frame(t, &symbol);
	const struct ex_place *caller = &t->crash_stack[entry + 1];
	c->caller_offset = caller->offset;
	c->doubt = "a block that was freed twice, or damaged, looks the same from the stack";
	ex_rules_evidence(c, "entry", "it died in %s at 0x%llx: frame %d of the stack", symbol,
			  (unsigned long long)t->crash_stack[entry].function, entry);
	ex_rules_evidence(c, "caller", "%s had called it", ex_place_text(caller));
}
