/*
 * rules_contention.c: the rule of arena-contention: nothing went wrong, and threads waited for each other inside malloc.
 * See rules.h. Numbers of one run only; whether more arenas help is for the arms to show.
 */
#include "rules.h"

#include "contention.h"
#include "text.h"

#include <string.h>

/* twice as many as there were, and one for each thread: then no two need share one */
static unsigned enough_arenas(const struct ex_contention *contention)
{
	unsigned wanted = 2 * contention->arenas;
	if (wanted < contention->threads)
		wanted = contention->threads;
	return wanted < EX_ARENAS_MAX ? wanted : EX_ARENAS_MAX;
}

void ex_rules_arena_contention(struct ex_findings *findings, const struct ex_facts *facts)
{
	const struct ex_contention *contention = facts->contention;
	if (facts->is_bad || !contention || !ex_contention_reaches(contention, EX_CONTENTION_SHARE))
		return;
	const struct ex_image *image = contention->image;
	/* what they wait for is then another thread's free, or a thread's end: more arenas would stay empty */
	if (contention->arenas >= contention->threads) {
		ex_rules_exclude(findings, EX_VERDICT_ARENA_CONTENTION,
				 ex_format("there were %u arenas for %u threads: more would not be used",
					   contention->arenas, contention->threads));
		return;
	}
	struct ex_candidate *c = &findings->candidates[findings->count++];
	memset(c, 0, sizeof(*c));
	c->verdict = EX_VERDICT_ARENA_CONTENTION;
	c->arenas = contention->arenas;
	c->arenas_enough = enough_arenas(contention);
	const char *slash = strrchr(image->exe, '/');
	c->cause = ex_format("Threads of %s spent %.0f %% of their time waiting for the locks of malloc's %u arena%s.",
			     slash ? slash + 1 : image->exe, contention->share * 100, contention->arenas,
			     contention->arenas == 1 ? "" : "s");
	ex_rules_evidence(c, "waits",
			  "process %u (%s): %u threads waited %u times, %s of the %s that they lived; %s at most",
			  image->pid, image->exe, contention->waiters, contention->waits,
			  ex_duration_text(contention->wait_ns), ex_duration_text(contention->thread_ns),
			  ex_duration_text(contention->longest_ns));
	ex_rules_evidence(c, "arenas", "at most %u threads at a time shared %u arena%s", contention->threads,
			  contention->arenas, contention->arenas == 1 ? "" : "s");
}
