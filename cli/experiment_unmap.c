/*
 * experiment_unmap.c: what keep=always showed of double-unmap. See experiment.h. An untreated run tells of an unmapping that looks
 * like any other; here the range was kept, and who unmaps it then has unmapped it before.
 */
#include "experiment.h"

#include "text.h"
#include "who.h"

static const struct ex_event *second_unmapping(const struct ex_run *run)
{
	const struct ex_image *image = run->processes ? run->processes->judged : NULL;
	for (size_t i = 0; image && i < image->event_count; i++)
		if (image->events[i]->meta->id == EX_EV_STALE_UNMAP)
			return image->events[i];
	return NULL;
}

void ex_experiment_tell_unmap(struct ex_experiment *x, unsigned first)
{
	for (unsigned a = first; a < x->arm_count; a++) {
		const struct ex_arm *arm = x->arms[a];
		for (unsigned i = 0; arm->role == EX_ROLE_CONFIRM && i < arm->count; i++) {
			const struct ex_run *run = &arm->runs[i];
			const struct ex_event *event =
				ex_run_counts(arm, run) && !ex_run_is_bad(arm, run) ? second_unmapping(run) : NULL;
			struct ex_findings findings;
			struct ex_teardown teardown;
			if (!event)
				continue;
			ex_experiment_examine(&findings, &teardown, run);
			const struct ex_ev_stale_unmap *again = EX_EVENT(event, stale_unmap);
			const char *who = ex_who_path_text(teardown.symbols, event);
			ex_experiment_evidence(
				x, "kept",
				ex_format("with %s (run %u) 0x%llx-0x%llx was kept, was unmapped again by thread %u "
					  "while nobody else could have it%s%s, and the run ended well",
					  arm->treatment, run->n, (unsigned long long)again->begin,
					  (unsigned long long)again->end, event->tid, who ? ": " : "", who ? who : ""));
			return;
		}
	}
}
